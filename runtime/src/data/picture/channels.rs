//! Turns a decoded picture into bytes with a given number of channels.

use image::{DynamicImage, RgbaImage};

/// The bytes of a PNG as TensorFlow asks libpng for them: the upper 8 of 16 bits, and grey truncated, not rounded
/// (`png_set_rgb_to_gray` with 0.299 and 0.587).
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "another crate's forms of pixels, which grow"
)]
pub(super) fn as_libpng(picture: DynamicImage, wanted: usize) -> Vec<u8> {
    let upper = |values: Vec<u16>| values.into_iter().map(|value| (value >> 8) as u8).collect::<Vec<u8>>();
    let (width, height) = (picture.width(), picture.height());
    let picture = match picture {
        DynamicImage::ImageLuma16(deep) => {
            image::GrayImage::from_raw(width, height, upper(deep.into_raw())).map(DynamicImage::from)
        }
        DynamicImage::ImageLumaA16(deep) => {
            image::GrayAlphaImage::from_raw(width, height, upper(deep.into_raw())).map(DynamicImage::from)
        }
        DynamicImage::ImageRgb16(deep) => {
            image::RgbImage::from_raw(width, height, upper(deep.into_raw())).map(DynamicImage::from)
        }
        DynamicImage::ImageRgba16(deep) => {
            RgbaImage::from_raw(width, height, upper(deep.into_raw())).map(DynamicImage::from)
        }
        shallow => Some(shallow),
    }
    .unwrap_or_default();
    if wanted == 1 && picture.color().has_color() {
        let grey = |[red, green, blue]: [u8; 3]| {
            ((u32::from(red) * 9797 + u32::from(green) * 19234 + u32::from(blue) * 3737) >> 15) as u8
        };
        return picture.into_rgb8().pixels().map(|pixel| grey(pixel.0)).collect();
    }
    channels(picture, wanted)
}

/// The bytes of a picture, with this many channels for each pixel.
pub(super) fn channels(picture: DynamicImage, channels: usize) -> Vec<u8> {
    match channels {
        1 if !picture.color().has_color() => picture.into_luma8().into_raw(),
        1 => picture.into_rgb8().pixels().map(|pixel| luma(pixel.0)).collect(),
        3 => picture.into_rgb8().into_raw(),
        _ => picture.into_rgba8().into_raw(),
    }
}

/// The luma of ITU-R BT.601 in Pillow's fixed-point arithmetic (src/libImaging/Convert.c, `L24`), so that bytes are equal.
fn luma([red, green, blue]: [u8; 3]) -> u8 {
    ((u32::from(red) * 19595 + u32::from(green) * 38470 + u32::from(blue) * 7471 + 0x8000) >> 16) as u8
}
