//! JPEG, decoded to the bit as libjpeg-turbo does: which of its transforms a program asks for is seen in the pixels, and TensorFlow
//! asks for the fast one. Sequential and progressive files of one or three components of eight bits, Huffman coded; others are left
//! to the decoder of `image`.

mod accuracy;
mod bits;
mod frame;
mod planes;
mod scan;
mod segments;
mod transform;

pub(super) use accuracy::Accuracy;

/// The pixels of a decoded picture.
pub(super) struct Decoded {
    pub(super) width: usize,
    pub(super) height: usize,
    /// Row by row: one byte a pixel where the picture is grey, else three: red, green and blue.
    pub(super) pixels: Vec<u8>,
}

/// Decodes a file; `None` where it is damaged or of another kind. With `grey`, only the luma is decoded, as it is stored.
pub(super) fn decode(bytes: &[u8], accuracy: Accuracy, grey: bool) -> Option<Decoded> {
    let frame = segments::read(bytes)?;
    let grey = grey || frame.components.len() == 1;
    let planes = planes::all(&frame, accuracy)?;
    Some(Decoded {
        width: frame.width,
        height: frame.height,
        pixels: planes::pixels(&planes, frame.is_rgb, grey)?,
    })
}
