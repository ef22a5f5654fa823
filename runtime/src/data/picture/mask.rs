//! Masks: pictures whose pixels are the targets of samples.

use super::channels::{as_libpng, channels};
use super::decode::{Decoded, Libjpeg, decode};
use super::form::Form;
use super::indices;
use super::resample::{self, Bytes};
use compiler::training::loading::{Aspect, Interpolation, MaskMode, Masks, PictureFiles};
use image::ImageFormat;

/// The lowest level of a lossy mask that means 1 and not 0.
const HALF: u8 = 128;

/// What the levels of masks mean, and how masks are resized.
#[derive(Debug, Clone)]
pub(crate) struct Meaning {
    mode: MaskMode,
    levels: Option<Vec<u8>>,
    interpolation: Interpolation,
    aspect: Aspect,
}

impl Meaning {
    /// As the loader asks for it. Class numbers cannot be averaged, so that each is taken from the nearest pixel.
    pub(crate) fn of(masks: &Masks, files: &PictureFiles) -> Self {
        Self {
            mode: masks.mode,
            levels: masks.levels.clone(),
            interpolation: if masks.mode.is_whole() {
                Interpolation::Nearest
            } else {
                files.interpolation
            },
            aspect: files.aspect,
        }
    }
}

/// The values of a mask, row-major, resized to a form; its picture has this height and width.
///
/// # Errors
/// Why there are none, in a line.
pub(crate) fn values(bytes: &[u8], size: (u32, u32), form: Form, meaning: &Meaning) -> Result<Vec<f32>, String> {
    let Decoded { picture, permit } = decode(bytes, Libjpeg::tensorflow(form))?;
    let (height, width) = (picture.height(), picture.width());
    if (height, width) != size {
        return Err(format!(
            "the mask has {width}x{height} pixels, its picture {}x{}",
            size.1, size.0
        ));
    }
    let format = image::guess_format(bytes).ok();
    // The number of a class is the place of its colour in the palette, where there is one.
    let places = match meaning.mode {
        MaskMode::Int => indices::of(bytes)?,
        MaskMode::Binary | MaskMode::Grayscale | MaskMode::Rgb => None,
    };
    let levels = match places {
        Some(places) => places,
        None if format == Some(ImageFormat::Png) => as_libpng(picture, form.channels),
        None => channels(picture, form.channels),
    };
    drop(permit);
    let is_lossy = format == Some(ImageFormat::Jpeg);
    let (levels, scale) = match meaning.mode {
        MaskMode::Binary => (binary(levels, is_lossy)?, 1.0),
        MaskMode::Int => (classes(levels, meaning.levels.as_deref())?, 1.0),
        MaskMode::Grayscale | MaskMode::Rgb => (levels, 255.0),
    };
    let from = Bytes {
        pixels: &levels,
        size: (height as usize, width as usize),
        channels: form.channels,
    };
    let to = (form.height as usize, form.width as usize);
    let values = resample::framed(from, to, meaning.interpolation, meaning.aspect);
    Ok(values.into_iter().map(|value| value / scale).collect())
}

/// Levels that are 0 and 255, or 0 and 1, as 0 and 1; for a lossy picture, dark levels as 0 and bright ones as 1.
fn binary(mut levels: Vec<u8>, is_lossy: bool) -> Result<Vec<u8>, String> {
    let largest = levels.iter().copied().max().unwrap_or_default();
    let odd = levels.iter().find(|&&level| level != 0 && level != largest);
    if !is_lossy && let Some(odd) = odd {
        return Err(format!(
            "the mask has the levels {odd} and {largest}, and binary masks are of 0 and one other; mask_mode=\"int\" takes the numbers of classes, \"grayscale\" any level"
        ));
    }
    if !is_lossy && largest != 1 && largest != 255 && largest != 0 {
        return Err(format!(
            "the mask has the level {largest}, and binary masks are of 0 and 255 or of 0 and 1; mask_mode=\"int\" takes the numbers of classes"
        ));
    }
    for level in &mut levels {
        *level = u8::from(if is_lossy { *level >= HALF } else { *level != 0 });
    }
    Ok(levels)
}

/// Levels as class numbers: unchanged, or their indices in `named`.
fn classes(mut levels: Vec<u8>, named: Option<&[u8]>) -> Result<Vec<u8>, String> {
    let Some(named) = named else { return Ok(levels) };
    let mut classes = [None; 256];
    for (&level, class) in named.iter().zip(0_u8..) {
        if let Some(place) = classes.get_mut(usize::from(level)) {
            *place = Some(class);
        }
    }
    for level in &mut levels {
        match classes.get(usize::from(*level)).copied().flatten() {
            Some(class) => *level = class,
            None => {
                return Err(format!(
                    "the mask has the level {level}, which is not among mask_levels"
                ));
            }
        }
    }
    Ok(levels)
}
