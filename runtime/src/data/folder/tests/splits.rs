use super::*;

#[test]
fn train_and_others_are_splits() {
    let of = |splits: &[&str]| {
        let mut files = Vec::new();
        for (level, split) in (0..).map(|at| 10 * at).zip(splits) {
            files.push((format!("{split}/a/1.png"), png(level)));
            files.push((format!("{split}/b/1.png"), png(level + 1)));
        }
        let files: Vec<_> = files
            .iter()
            .map(|(name, bytes)| (name.as_str(), bytes.clone()))
            .collect();
        let folder = made(&files);
        let set = load_as(folder.path(), &grey(), 0);
        (folder, set)
    };
    let split = |split: Option<&Split>| split.map(samples);
    let set = of(&["train", "test"]).1.unwrap();
    assert_eq!(set.class_names.as_deref().unwrap(), ["a", "b"]);
    assert_eq!(split(set.test.as_ref()), Some(vec![(10, 0), (11, 1)]));
    assert_eq!(split(set.validation.as_ref()), None);
    assert!(set.origin.starts_with("2 + 2 pictures of 2 classes"), "{}", set.origin);
    let set = of(&["train", "test", "val"]).1.unwrap();
    assert_eq!(split(set.test.as_ref()), Some(vec![(10, 0), (11, 1)]));
    assert_eq!(split(set.validation.as_ref()), Some(vec![(20, 0), (21, 1)]));
    assert!(
        set.origin.starts_with("2 + 2 + 2 pictures of 2 classes"),
        "{}",
        set.origin
    );
    // Other names of them, in capitals or not.
    for names in [
        ["train", "validation", "test"],
        ["Train", "Valid", "Test"],
        ["training", "VAL", "testing"],
        ["training_set", "dev", "test_set"],
        ["Train Data", "eval-images", "holdout"],
    ] {
        let set = of(&names).1.unwrap();
        let expected = (
            vec![(0, 0), (1, 1)],
            Some(vec![(10, 0), (11, 1)]),
            Some(vec![(20, 0), (21, 1)]),
        );
        let mut train = samples(&set.train);
        train.sort_unstable();
        assert_eq!(
            (train, split(set.validation.as_ref()), split(set.test.as_ref())),
            expected,
            "{names:?}"
        );
        assert_eq!(set.class_names.as_deref().unwrap(), ["a", "b"]);
    }
    let (folder, set) = of(&["train", "valid"]);
    assert_eq!(split(set.unwrap().validation.as_ref()), Some(vec![(10, 0), (11, 1)]));
    assert_eq!(class_names(folder.path()).unwrap(), ["a", "b"]);
    // Nothing to train with.
    let set = of(&["valid", "test"]).1.unwrap();
    assert_eq!(set.class_names.unwrap(), ["test", "valid"]);
    // A fourth name, and they are classes.
    let set = of(&["train", "test", "cats"]).1.unwrap();
    assert_eq!(set.class_names.unwrap(), ["cats", "test", "train"]);
    let said = set.pictures.unwrap().warnings().join(" ");
    assert!(said.contains("all classes have the same folders (a, b)"), "{said}");
    // Of what is a class's own, nothing is said.
    let folder = made(&[
        ("cats/a/1.png", png(1)),
        ("cats/b/1.png", png(1)),
        ("dogs/a/1.png", png(2)),
    ]);
    let set = load_as(folder.path(), &grey(), 0).unwrap();
    assert_eq!(set.pictures.unwrap().warnings(), [""; 0]);
    // And so they are where no folder is in them.
    let folder = made(&[("train/1.png", png(1)), ("test/1.png", png(2))]);
    let set = load_as(folder.path(), &grey(), 0).unwrap();
    assert_eq!(set.class_names.unwrap(), ["test", "train"]);

    let (folder, _) = of(&["train", "val", "validation"]);
    assert_eq!(
        refusal(&folder),
        "FOLDER has both a folder val and a folder validation\ntake one of them away"
    );
    let (folder, _) = of(&["train", "training", "test"]);
    assert_eq!(
        refusal(&folder),
        "FOLDER has both a folder train and a folder training\ntake one of them away"
    );
    let folder = made(&[
        ("train/a/1.png", png(1)),
        ("train/b/1.png", png(1)),
        ("train/c/1.png", png(1)),
        ("test/b/1.png", png(1)),
        ("test/bb/1.png", png(1)),
    ]);
    assert_eq!(
        refusal(&folder),
        "the classes in FOLDER/test are not those in FOLDER/train: without a, c, besides bb\nthe same folders in each of them"
    );
}
