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
    /// Pictures lie directly in the folder, which has no folders of classes.
    #[error("the pictures in {} belong to no class", shown(path))]
    NoClasses {
        /// The folder that holds the pictures.
        path: PathBuf,
        /// The name of one of the pictures.
        example: String,
    },
    /// There is only one folder in it, so that there is only one class.
    #[error("{} has only one class, {class}", shown(path))]
    OneClass {
        /// The folder that should hold the folders of the classes.
        path: PathBuf,
        /// The name of the one folder in it.
        class: String,
        /// Whether the one folder has folders in it, in which case it may be the one that was meant.
        has_folders: bool,
    },
    /// A class has no picture that can be read.
    #[error("the class folder {} has no picture in it{}", shown(path), if *unreadable > 0 { " that can be read" } else { "" })]
    EmptyClass {
        /// The folder of the class.
        path: PathBuf,
        /// How many pictures it has that cannot be read.
        unreadable: usize,
    },
    /// A split does not have the same classes as the training split.
    #[error(
        "the classes in {} are not those in {}: {}",
        shown(split),
        shown(train),
        differing(missing, added)
    )]
    ClassesDiffer {
        /// The folder of the training split.
        train: PathBuf,
        /// The folder of the other split.
        split: PathBuf,
        /// The classes that only the training split has.
        missing: Vec<String>,
        /// The classes that only the other split has.
        added: Vec<String>,
    },
    /// The folder has two folders for one split, such as `val` and `validation`.
    #[error("{} has both a folder {one} and a folder {other}", shown(path))]
    SplitTwice {
        /// The folder that has both.
        path: PathBuf,
        /// The name of one of the two folders.
        one: String,
        /// The name of the other folder.
        other: String,
    },
    /// A loader's `class_names` names a folder that does not exist.
    #[error("there is no folder {class} in {}", shown(path))]
    NoSuchClass {
        /// The folder that it should be in.
        path: PathBuf,
        /// The name that has no folder.
        class: String,
        /// The names of the folders that are there.
        found: Vec<String>,
    },
    /// A loader has `label_mode="binary"`, but the folder does not have two classes.
    #[error("{} has {} classes, and binary labels have two", shown(path), names.len())]
    NotTwoClasses {
        /// The folder that holds the folders of the classes.
        path: PathBuf,
        /// The names of the classes.
        names: Vec<String>,
    },
    /// The name of a class's folder is not valid Unicode.
    #[error("the name of the folder {} is not Unicode text", shown(path))]
    Name {
        /// The folder with that name.
        path: PathBuf,
    },
    /// There are more classes than labels can number.
    #[error("{} has {count} folders; the most classes are {}", shown(path), MAX_CLASSES)]
    TooManyClasses {
        /// The folder that holds the folders of the classes.
        path: PathBuf,
        /// The number of folders in it.
        count: usize,
    },
    /// The network's input does not have the shape of a picture.
    #[error("the pictures in {} cannot be made {shape}", shown(path))]
    Form {
        /// The folder of pictures.
        path: PathBuf,
        /// The shape of the network's input.
        shape: Shape,
    },
    /// More pictures cannot be read than may be left out.
    #[error("{} of {total} pictures in {} cannot be read; at most {tolerated} may be left out", unreadable.len(), shown(path))]
    TooManyUnreadable {
        /// The folder that the pictures are in.
        path: PathBuf,
        /// The pictures that cannot be read, each with its reason.
        unreadable: Vec<Unreadable>,
        /// How many pictures there are altogether.
        total: usize,
        /// How many may be left out.
        tolerated: usize,
    },
    /// The resized pictures do not fit into memory.
    #[error("{count} pictures of {shape} need {} of memory, and {} are available", readable(*bytes), readable(*available))]
    Memory {
        /// How many pictures there are.
        count: usize,
        /// The shape of the sample that each picture becomes.
        shape: Shape,
        /// How many bytes all samples take.
        bytes: u64,
        /// How many bytes of memory are available.
        available: u64,
    },
}

impl FolderError {
    /// Advice on what to do about it; `None` where there is nothing more to say.
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

/// A drawing of what a folder of pictures should look like.
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
