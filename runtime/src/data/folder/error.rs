//! What can be wrong with a folder of pictures.

use super::unreadable::{Unreadable, listed};
use crate::data::limits::MAX_CLASSES;
use crate::data::words::{shown, some_names};
use crate::memory::readable;
use compiler::shape::Shape;
use std::path::PathBuf;

/// What is wrong with a folder of pictures. Each message is one line and names the folder.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Pictures lie in the folder itself, and no folders of classes.
    #[error("the pictures in {} are in no class", shown(path))]
    NoClasses {
        /// The folder.
        path: PathBuf,
        /// The name of one of them.
        example: String,
    },
    /// There is but one folder in it.
    #[error("{} has one class alone, {class}", shown(path))]
    OneClass {
        /// The folder.
        path: PathBuf,
        /// What is in it.
        class: String,
        /// Whether that one has folders in it, so that it may be the one that was meant.
        has_folders: bool,
    },
    /// A class without a picture.
    #[error("the class folder {} has no picture in it{}", shown(path), if *unreadable > 0 { " that can be read" } else { "" })]
    EmptyClass {
        /// Its folder.
        path: PathBuf,
        /// How many there are that cannot be read.
        unreadable: usize,
    },
    /// A split has other classes than the training pictures.
    #[error(
        "the classes in {} are not those in {}: {}",
        shown(split),
        shown(train),
        differing(missing, added)
    )]
    ClassesDiffer {
        /// The folder of the training pictures.
        train: PathBuf,
        /// The folder of the others.
        split: PathBuf,
        /// Classes that only the training pictures have.
        missing: Vec<String>,
        /// Classes that only the others have.
        added: Vec<String>,
    },
    /// Both `val` and `validation`, or other names of one split.
    #[error("{} has both a folder {one} and a folder {other}", shown(path))]
    SplitTwice {
        /// The folder.
        path: PathBuf,
        /// One of the two names.
        one: String,
        /// The other.
        other: String,
    },
    /// A loader's `class_names` has one that is no folder.
    #[error("there is no folder {class} in {}", shown(path))]
    NoSuchClass {
        /// Where it should be.
        path: PathBuf,
        /// Its name.
        class: String,
        /// The folders that are there.
        found: Vec<String>,
    },
    /// `label_mode="binary"`, and not two classes.
    #[error("{} has {} classes, and binary labels are of two", shown(path), names.len())]
    NotTwoClasses {
        /// The folder.
        path: PathBuf,
        /// What they are called.
        names: Vec<String>,
    },
    /// A class's name is no Unicode.
    #[error("the name of the folder {} is no Unicode text", shown(path))]
    Name {
        /// The folder.
        path: PathBuf,
    },
    /// More classes than labels may count.
    #[error("{} has {count} folders; the most classes are {}", shown(path), MAX_CLASSES)]
    TooManyClasses {
        /// The folder.
        path: PathBuf,
        /// How many there are.
        count: usize,
    },
    /// The network does not take pictures.
    #[error("the pictures in {} cannot be made {shape}", shown(path))]
    Form {
        /// The folder.
        path: PathBuf,
        /// What the network takes.
        shape: Shape,
    },
    /// More files than are tolerated cannot be read.
    #[error("{} of {total} pictures in {} cannot be read; at most {tolerated} may be left out", unreadable.len(), shown(path))]
    TooManyUnreadable {
        /// The folder.
        path: PathBuf,
        /// Which, and why.
        unreadable: Vec<Unreadable>,
        /// How many pictures there are.
        total: usize,
        /// How many would be left out.
        tolerated: usize,
    },
    /// The resized pictures do not fit memory.
    #[error("{count} pictures of {shape} need {} of memory, and {} are available", readable(*bytes), readable(*available))]
    Memory {
        /// How many there are.
        count: usize,
        /// What each becomes.
        shape: Shape,
        /// The bytes that all samples take in memory.
        bytes: u64,
        /// How many can be had.
        available: u64,
    },
}

impl FolderError {
    /// What to do about it, where there is something to say.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::NoClasses { path, example } => Some(tree(&shown(path), example)),
            Self::OneClass {
                path,
                class,
                has_folders: true,
            } => Some(format!("did you mean {}?", shown(&path.join(class)))),
            Self::OneClass { path, class, .. } => {
                let example = format!("{class}/...");
                Some(format!(
                    "a network tells classes apart: two at least, each a folder beside {} in {}",
                    example.trim_end_matches("/..."),
                    shown(path)
                ))
            }
            Self::EmptyClass { unreadable, .. } => Some(if *unreadable > 0 {
                "whole PNG, JPEG, WebP or BMP files in it, or take the folder away".to_owned()
            } else {
                "put .png, .jpg, .jpeg, .webp or .bmp files into it, or take the folder away".to_owned()
            }),
            Self::ClassesDiffer { .. } => Some("the same folders in each of them".to_owned()),
            Self::NoSuchClass { found, .. } => Some(format!("there is {}", some_names(found))),
            Self::NotTwoClasses { names, .. } => Some(format!("they are {}", some_names(names))),
            Self::SplitTwice { .. } => Some("take one of them away".to_owned()),
            Self::Form { .. } => {
                Some("Input(shape=(height, width, 3)) for colours, (height, width, 1) for grey".to_owned())
            }
            Self::TooManyUnreadable { unreadable, .. } => Some(listed(unreadable).join("\n")),
            Self::Memory { .. } => Some("a smaller Input, or fewer pictures".to_owned()),
            Self::Name { .. } => Some("rename it: a class is called as its folder".to_owned()),
            Self::TooManyClasses { .. } => None,
        }
    }
}

/// What a folder of pictures looks like.
fn tree(folder: &str, example: &str) -> String {
    let folder = folder.trim_end_matches('/');
    format!(
        "one folder for each class, whose name is the class's:\n{folder}/\n  cats/\n    {example}\n    ...\n  dogs/\n    ...\n\
         or train/ and test/ with such folders in each"
    )
}

fn differing(missing: &[String], added: &[String]) -> String {
    let list = |names: &[String], what: &str| {
        let more = names.len().saturating_sub(10);
        let mut text = names.iter().take(10).map(String::as_str).collect::<Vec<_>>().join(", ");
        if more > 0 {
            text.push_str(&format!(" and {more} more"));
        }
        format!("{what} {text}")
    };
    let parts = [
        (!missing.is_empty()).then(|| list(missing, "without")),
        (!added.is_empty()).then(|| list(added, "besides")),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}
