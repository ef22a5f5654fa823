//! Which files of a folder are pictures of which class, by Keras's rules (`keras/src/utils/dataset_utils.py`, `index_directory`):
//! the folders in it are the classes, sorted by name; the pictures of a class are all that lie in its folder, at any depth. A
//! link to a folder is a class, but links further down are not followed.

use super::super::limits::MAX_CLASSES;
use super::super::picture;
use super::error::FolderError;
use crate::error::{Result, RuntimeError};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// The pictures below a folder.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    /// The paths of the pictures, sorted: folder by folder, by name.
    pub files: Vec<PathBuf>,
    /// How many files there are that are not pictures, by the extensions of their names.
    pub others: Others,
}

/// The number of files by extension, such as `.txt`.
pub type Others = BTreeMap<String, usize>;

/// A folder's classes and the pictures of each.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Layout {
    /// The names of the classes, sorted.
    pub(super) names: Vec<String>,
    /// The training split; the folder itself where it has no splits.
    pub(super) train: Part,
    /// The validation split; `None` where the folder has none.
    pub(super) validation: Option<Part>,
    /// The test split; `None` where the folder has none.
    pub(super) test: Option<Part>,
    /// The number of files that are not pictures, by extension.
    pub(super) others: Others,
    /// The folders that lie in every class's folder, if all pictures lie in them: the classes may be splits.
    pub(super) alike: Vec<String>,
}

/// One split: a folder of the classes' folders.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// The folder that holds the classes' folders.
    pub(super) path: PathBuf,
    /// The pictures, class by class, each with its label.
    pub(super) files: Vec<(PathBuf, u32)>,
}

/// What a split is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    Training,
    Validation,
    Test,
}

impl Purpose {
    /// The purpose that a folder's name tells, in whatever case; `None` where it tells none.
    fn of(name: &str) -> Option<Self> {
        let name: String = name.to_lowercase().replace(['_', '-', ' '], "");
        let of_what = ["set", "data", "images"]
            .into_iter()
            .find_map(|end| name.strip_suffix(end));
        match of_what.unwrap_or(&name) {
            "train" | "training" => Some(Self::Training),
            "val" | "valid" | "validation" | "dev" | "development" | "eval" | "evaluation" => Some(Self::Validation),
            "test" | "testing" | "holdout" => Some(Self::Test),
            _ => None,
        }
    }
}

/// The folders of the splits.
#[derive(Debug, PartialEq, Eq)]
struct Splits {
    train: String,
    validation: Option<String>,
    test: Option<String>,
}

/// Finds the splits, the classes and the pictures of a folder.
pub(super) fn layout(path: &Path) -> Result<Layout> {
    let mut others = Others::new();
    let Some(splits) = splits(path)? else {
        let (names, train) = classes(path, &mut others)?;
        count_strays(path, &mut others)?;
        let alike = alike(path, &names)?;
        return Ok(Layout {
            names,
            train,
            validation: None,
            test: None,
            others,
            alike,
        });
    };
    count_strays(path, &mut others)?;
    let train_folder = path.join(&splits.train);
    let (names, train) = classes(&train_folder, &mut others)?;
    count_strays(&train_folder, &mut others)?;
    let mut part = |split: Option<String>| -> Result<Option<Part>> {
        let Some(split) = split else {
            return Ok(None);
        };
        let split = path.join(split);
        let (found, part) = classes(&split, &mut others)?;
        count_strays(&split, &mut others)?;
        if found != names {
            let without = |list: &[String], other: &[String]| -> Vec<String> {
                list.iter().filter(|name| !other.contains(name)).cloned().collect()
            };
            let error = FolderError::ClassesDiffer {
                train: train_folder.clone(),
                split,
                missing: without(&names, &found),
                added: without(&found, &names),
            };
            return Err(error.into());
        }
        Ok(Some(part))
    };
    Ok(Layout {
        validation: part(splits.validation)?,
        test: part(splits.test)?,
        names,
        train,
        others,
        alike: Vec::new(),
    })
}

/// The names of a folder's classes; the pictures are not looked for.
pub(super) fn class_names(path: &Path) -> Result<Vec<String>> {
    match splits(path)? {
        Some(splits) => folders(&path.join(splits.train)),
        None => folders(path),
    }
}

/// The folders of the splits, if the folder has one for training, one for another purpose, and no other folders. Folders of these
/// names may also be classes: then the one for training has no folders in it.
fn splits(path: &Path) -> Result<Option<Splits>> {
    let folders = folders(path)?;
    let purposes: Option<Vec<(Purpose, &String)>> =
        folders.iter().map(|name| Some((Purpose::of(name)?, name))).collect();
    let Some(purposes) = purposes.filter(|purposes| purposes.len() > 1) else {
        return Ok(None);
    };
    let named = |wanted: Purpose| {
        let mut names = purposes
            .iter()
            .filter(|(purpose, _)| *purpose == wanted)
            .map(|(_, name)| *name);
        match (names.next(), names.next()) {
            (Some(one), Some(other)) => Err(FolderError::SplitTwice {
                path: path.to_owned(),
                one: one.clone(),
                other: other.clone(),
            }),
            (name, _) => Ok(name.cloned()),
        }
    };
    let training = purposes.iter().filter(|(purpose, _)| *purpose == Purpose::Training);
    let mut hold_folders = training.map(|(_, name)| Ok(!self::folders(&path.join(name))?.is_empty()));
    if !hold_folders.try_fold(false, |any, holds: Result<bool>| Ok::<_, RuntimeError>(any | holds?))? {
        return Ok(None);
    }
    let (validation, test) = (named(Purpose::Validation)?, named(Purpose::Test)?);
    Ok(named(Purpose::Training)?.map(|train| Splits {
        train,
        validation,
        test,
    }))
}

/// A folder's classes and their pictures.
fn classes(path: &Path, others: &mut Others) -> Result<(Vec<String>, Part)> {
    let names = folders(path)?;
    if names.len() > MAX_CLASSES {
        let (path, count) = (path.to_owned(), names.len());
        return Err(FolderError::TooManyClasses { path, count }.into());
    }
    let mut files = Vec::new();
    let mut empty = None;
    for (label, name) in names.iter().enumerate() {
        let folder = path.join(name);
        let listing = list(&folder)?;
        if listing.files.is_empty() {
            empty = empty.or(Some(folder));
        }
        files.extend(listing.files.into_iter().map(|file| (file, label as u32)));
        for (ending, count) in listing.others {
            *others.entry(ending).or_default() += count;
        }
    }
    if files.is_empty() {
        return Err(without_pictures(path)?);
    }
    if let [only] = names.as_slice() {
        let error = FolderError::OneClass {
            path: path.to_owned(),
            class: only.clone(),
            has_folders: !folders(&path.join(only))?.is_empty(),
        };
        return Err(error.into());
    }
    if let Some(path) = empty {
        return Err(FolderError::EmptyClass { path, unreadable: 0 }.into());
    }
    let path = path.to_owned();
    Ok((names, Part { path, files }))
}

/// The folders that lie in every class's folder, where those are the same, several, and no picture lies beside them.
fn alike(path: &Path, names: &[String]) -> Result<Vec<String>> {
    let mut found: Option<Vec<String>> = None;
    for name in names {
        let folder = path.join(name);
        let inner = folders(&folder)?;
        let is_mixed = entries(&folder)?.iter().any(|entry| entry.picture.is_some());
        if is_mixed || inner.len() < 2 || found.as_ref().is_some_and(|found| *found != inner) {
            return Ok(Vec::new());
        }
        found = Some(inner);
    }
    Ok(found.unwrap_or_default())
}

/// The error for a folder whose folders hold no picture: if there are pictures directly in it, it says so.
fn without_pictures(path: &Path) -> Result<RuntimeError> {
    let mut names: Vec<_> = entries(path)?.into_iter().filter_map(|entry| entry.picture).collect();
    names.sort();
    let path = path.to_owned();
    Ok(match names.into_iter().next() {
        Some(example) => FolderError::NoClasses { path, example }.into(),
        None => RuntimeError::UnknownFolder { path },
    })
}

/// Counts the files that lie beside the classes' folders and so belong to none.
fn count_strays(path: &Path, others: &mut Others) -> Result<()> {
    for entry in entries(path)?.into_iter().filter(|entry| !entry.is_folder) {
        *others.entry(entry.ending()).or_default() += 1;
    }
    Ok(())
}

/// The pictures in a folder, at any depth. Hidden files are left out, and links to folders are not followed, as in Keras.
///
/// # Errors
/// When a folder cannot be read.
pub fn list(folder: &Path) -> Result<Listing> {
    let mut listing = Listing::default();
    let mut pending = vec![folder.to_owned()];
    while let Some(folder) = pending.pop() {
        for entry in entries(&folder)? {
            if entry.is_folder && !entry.is_link {
                pending.push(entry.path);
            } else if entry.picture.is_some() {
                listing.files.push(entry.path);
            } else {
                *listing.others.entry(entry.ending()).or_default() += 1;
            }
        }
    }
    // As Python's `sorted` has them: folders by their whole paths, then names, both by characters.
    let key = |path: &Path| -> (std::ffi::OsString, std::ffi::OsString) {
        let parent = path.parent().map(Path::as_os_str).unwrap_or_default();
        (parent.to_owned(), path.file_name().unwrap_or_default().to_owned())
    };
    listing.files.sort_by_cached_key(|path| key(path));
    Ok(listing)
}

/// The names of the folders in a folder, sorted; links to folders count, as in Keras.
fn folders(path: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in entries(path)?.into_iter().filter(|entry| entry.is_folder) {
        let name = entry.path.file_name().and_then(OsStr::to_str).map(str::to_owned);
        names.push(name.ok_or(FolderError::Name { path: entry.path })?);
    }
    names.sort();
    Ok(names)
}

struct Entry {
    path: PathBuf,
    is_folder: bool,
    is_link: bool,
    /// Its name, if it has a picture's extension.
    picture: Option<String>,
}

impl Entry {
    /// The extension of its name in lower case, such as `.txt`.
    fn ending(&self) -> String {
        if self.is_folder {
            return "links to folders".to_owned();
        }
        if self.picture.is_some() {
            return "pictures outside the classes' folders".to_owned();
        }
        self.path.extension().map_or_else(
            || "without an ending".to_owned(),
            |ending| format!(".{}", ending.to_string_lossy().to_lowercase()),
        )
    }
}

/// All that lies in a folder and is not hidden, in no particular order.
fn entries(folder: &Path) -> Result<Vec<Entry>> {
    let refused = |cause| RuntimeError::file("read the folder", folder, cause);
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(refused)? {
        let entry = entry.map_err(refused)?;
        let name = entry.file_name();
        if is_hidden(&name) {
            continue;
        }
        let path = entry.path();
        let kind = entry.file_type().map_err(refused)?;
        let is_folder = kind.is_dir() || kind.is_symlink() && path.is_dir();
        let is_picture = !is_folder && picture::is_named_so(&path);
        entries.push(Entry {
            path,
            is_folder,
            is_link: kind.is_symlink(),
            picture: is_picture.then(|| name.to_string_lossy().into_owned()),
        });
    }
    Ok(entries)
}

/// Whether a name is one that systems leave in folders unasked: `.DS_Store`, `._photo.jpg`, `.ipynb_checkpoints`, thumbnails.
fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
        || ["Thumbs.db", "desktop.ini", "__MACOSX"]
            .iter()
            .any(|hidden| name.eq_ignore_ascii_case(hidden))
}
