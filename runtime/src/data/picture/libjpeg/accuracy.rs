//! Which transform.

/// Which of libjpeg's transforms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accuracy {
    /// `JDCT_IFAST`, TensorFlow's.
    Fast,
    /// `JDCT_ISLOW`, Pillow's.
    Exact,
}
