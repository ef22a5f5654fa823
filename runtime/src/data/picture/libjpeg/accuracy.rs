//! Which of libjpeg's inverse transforms decodes a picture.

/// One of libjpeg's inverse discrete cosine transforms; they differ in the last bits of pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accuracy {
    /// `JDCT_IFAST`, which TensorFlow asks for.
    Fast,
    /// `JDCT_ISLOW`, which Pillow asks for.
    Exact,
}
