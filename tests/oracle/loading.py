"""Makes the cases of tests/loading: small picture files, and what Keras's loaders make of them.

    python tests/oracle/loading.py tests/oracle/loading

Needs Keras 3.15 with TensorFlow, pandas and Pillow.
"""

import itertools
import json
import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import pandas
from keras.src.legacy.preprocessing.image import ImageDataGenerator
from keras.utils import image_dataset_from_directory
from PIL import Image

OUT = Path(sys.argv[1])
METHODS = ["bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5", "gaussian", "mitchellcubic"]
SIZES = [(11, 14), (5, 6), (20, 9), (9, 7), (4, 14)]


def make_pictures(root):
    """Noise on waves, of five sizes; grey, palette and transparent ones among them."""
    random = np.random.RandomState(7)
    for name in ["cat", "dog", "emu"]:
        (root / name).mkdir(parents=True, exist_ok=True)
        for index, (height, width) in enumerate(SIZES):
            y, x = np.mgrid[0:height, 0:width]
            waves = [127 + 90 * np.sin(x / 2 + channel) * np.cos(y / 3) for channel in range(3)]
            pixels = np.stack(waves, -1) + random.randn(height, width, 3) * 20
            picture = Image.fromarray(np.clip(pixels, 0, 255).astype("uint8"))
            if name == "emu":
                picture = [picture, picture.convert("L"), picture.quantize(200), picture.convert("RGBA"), picture][index]
                if index == 3:
                    alpha = random.randint(0, 256, (height, width)).astype("uint8")
                    picture.putalpha(Image.fromarray(alpha))
            picture.save(root / name / f"{index}.png")
    smooth = [127 + 90 * np.sin(np.mgrid[0:40, 0:48][1] / 9 + channel) for channel in range(3)]
    (root.parent / "jpeg" / "one").mkdir(parents=True, exist_ok=True)
    (root.parent / "jpeg" / "two").mkdir(parents=True, exist_ok=True)
    for index, name in enumerate(["one", "two"]):
        picture = Image.fromarray(np.stack(smooth, -1).astype("uint8"))
        picture.save(root.parent / "jpeg" / name / "a.jpg", quality=[95, 80][index])


def main():
    os.chdir(OUT)
    make_pictures(Path("pictures"))
    cases = []

    def case(call, arguments, files, pixels, labels):
        name = f"{len(cases):02}.npy"
        np.save(name, np.asarray(pixels, "float32"))
        files = [str(Path(file)) for file in files]
        cases.append({"call": call, "arguments": arguments, "files": files, "labels": labels, "pixels": name})

    def tensorflow(**arguments):
        data = image_dataset_from_directory(**arguments, verbose=False)
        files, batches = data.file_paths, list(data.unbatch().as_numpy_iterator())
        if arguments.get("shuffle", True):
            # Batches are shuffled again; files tell the order.
            again = image_dataset_from_directory(**{**arguments, "shuffle": False, "validation_split": None, "subset": None, "seed": None}, verbose=False)
            where = {file: sample for file, sample in zip(again.file_paths, again.unbatch().as_numpy_iterator())}
            batches = [where[file] for file in files]
        labelled = arguments.get("label_mode", "int") is not None
        pixels = [batch[0] if labelled else batch for batch in batches]
        labels = [int(np.argmax(batch[1]) if np.ndim(batch[1]) and len(batch[1]) > 1 else np.ravel(batch[1])[0]) for batch in batches] if labelled else []
        case("image_dataset_from_directory", arguments, files, pixels, labels)

    base = {"directory": "pictures", "image_size": (5, 6), "shuffle": False}
    for method in METHODS:
        tensorflow(**base, interpolation=method)
    for method in ["bilinear", "nearest", "bicubic", "lanczos3"]:
        tensorflow(**base, interpolation=method, crop_to_aspect_ratio=True)
    for method in METHODS:
        tensorflow(**base, interpolation=method, pad_to_aspect_ratio=True, color_mode="grayscale")
    tensorflow(**base, color_mode="grayscale")
    tensorflow(**base, color_mode="rgba")
    tensorflow(**base, label_mode="categorical", class_names=["emu", "cat"])
    tensorflow(**base, label_mode="binary", class_names=["dog", "cat"])
    tensorflow(**base, label_mode=None)
    tensorflow(directory="jpeg", image_size=(40, 48), shuffle=False)
    tensorflow(directory="jpeg", image_size=(13, 20), shuffle=False, color_mode="grayscale")
    divided = {"directory": "pictures", "image_size": (2, 2), "interpolation": "nearest"}
    for seed, split, subset in itertools.product([0, 1234], [0.2, 0.35], ["training", "validation"]):
        tensorflow(**divided, seed=seed, validation_split=split, subset=subset)
    tensorflow(**divided, shuffle=False, validation_split=0.3, subset="validation")
    tensorflow(**divided, seed=99)

    def both(**arguments):
        """Both halves of one call."""
        halves = image_dataset_from_directory(**arguments, subset="both", verbose=False)
        whole = {**arguments, "shuffle": False, "validation_split": None, "seed": None}
        whole = image_dataset_from_directory(**whole, verbose=False)
        where = dict(zip(whole.file_paths, whole.unbatch().as_numpy_iterator()))
        for half, data in enumerate(halves):
            samples = [where[file] for file in data.file_paths]
            pixels, labels = [sample[0] for sample in samples], [int(sample[1]) for sample in samples]
            case("image_dataset_from_directory", {**arguments, "subset": "both"}, data.file_paths, pixels, labels)
            cases[-1]["half"] = half

    def generator(rescale=None, validation_split=0.0, **arguments):
        made = ImageDataGenerator(rescale=rescale, validation_split=validation_split)
        data = made.flow_from_directory(**arguments, shuffle=False)
        pixels = np.concatenate([data[batch][0] if isinstance(data[batch], tuple) else data[batch] for batch in range(len(data))])
        labels = [int(label) for label in data.classes]
        arguments = {**arguments, "shuffle": False, "validation_split": validation_split}
        case("flow_from_directory", arguments, data.filepaths, pixels, labels)

    base = {"directory": "pictures", "target_size": (5, 6)}
    generator(**base)
    generator(**base, color_mode="grayscale", class_mode="sparse")
    generator(**base, color_mode="rgba", class_mode="binary", classes=["emu", "dog"])
    generator(**base, validation_split=0.3, subset="training")
    generator(**base, validation_split=0.3, subset="validation")

    # A table in no order, with a file that is not there.
    rows = [(f"{name}/{index}.png", name, index * 30 - 45.5, (index + len(name)) % 2) for name in ["emu", "cat", "dog"] for index in [3, 0, 4, 1, 2]]
    rows.insert(4, ("cat/9.png", "cat", 1.5, 0))
    table = pandas.DataFrame(rows, columns=["filename", "class", "angle", "tame"])
    table.to_csv("labels.csv", index=False)

    def frame(validation_split=0.0, **arguments):
        made = ImageDataGenerator(validation_split=validation_split)
        data = made.flow_from_dataframe(table, **arguments, shuffle=False)
        pixels = np.concatenate([data[batch][0] if isinstance(data[batch], tuple) else data[batch] for batch in range(len(data))])
        raw = arguments.get("class_mode") == "raw"
        labels = [] if raw else [int(label) for label in data.classes]
        arguments = {"dataframe": "labels.csv", **arguments, "shuffle": False, "validation_split": validation_split}
        case("flow_from_dataframe", arguments, data._filepaths, pixels, labels)
        if raw:
            cases[-1]["targets"] = np.asarray(data.labels, "float32").reshape(len(pixels), -1).tolist()

    base = {"directory": "pictures", "target_size": (5, 6)}
    frame(**base)
    frame(**base, class_mode="binary", classes=["emu", "dog"])
    frame(**base, class_mode="raw", y_col="angle")
    frame(**base, class_mode="raw", y_col=["angle", "tame"], color_mode="grayscale")
    frame(**base, class_mode="sparse", validation_split=0.3, subset="training")
    frame(**base, class_mode="sparse", validation_split=0.3, subset="validation")

    # JPEG of other kinds, and GIF of two frames, of which the first is the picture.
    folder = Path("kinds/one")
    folder.mkdir(parents=True, exist_ok=True)
    random = np.random.RandomState(3)
    y, x = np.mgrid[0:37, 0:53]
    waves = np.stack([127 + 90 * np.sin(x / 5 + channel) * np.cos(y / 7) for channel in range(3)], -1)
    picture = Image.fromarray(np.clip(waves + random.randn(37, 53, 3) * 30, 0, 255).astype("uint8"))
    picture.save(folder / "a.jpg", quality=90, subsampling=2, progressive=True)
    picture.save(folder / "b.jpg", quality=70, subsampling=1, restart_marker_blocks=3)
    picture.convert("L").save(folder / "c.jpg", quality=50, progressive=True)
    picture.save(folder / "d.jpg", quality=98, subsampling=0, optimize=True)
    tensorflow(directory="kinds", image_size=(37, 53), shuffle=False)
    tensorflow(directory="kinds", image_size=(37, 53), shuffle=False, color_mode="grayscale")
    generator(directory="kinds", target_size=(37, 53))
    generator(directory="kinds", target_size=(21, 20), color_mode="grayscale")
    folder = Path("frames/one")
    folder.mkdir(parents=True, exist_ok=True)
    frames = [picture.quantize(60), picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT).quantize(60)]
    frames[0].save(folder / "a.gif", save_all=True, append_images=frames[1:])
    tensorflow(directory="frames", image_size=(20, 30), shuffle=False)

    for seed, split in [(5, 0.2), (1234, 0.35)]:
        both(**divided, seed=seed, validation_split=split)
    both(**divided, shuffle=False, validation_split=0.3)
    Path("cases.json").write_text(json.dumps(cases, indent=1) + "\n")

    # What generators that were fitted to all pictures make of them: `normalized.npy`, and what they were given.
    data = ImageDataGenerator().flow_from_directory("pictures", target_size=(5, 6), class_mode=None, shuffle=False)
    whole = np.concatenate([data[batch] for batch in range(len(data))])
    asked, made = [], []
    for arguments in [
        {"featurewise_center": True},
        {"featurewise_std_normalization": True},
        {"featurewise_center": True, "featurewise_std_normalization": True, "rescale": 1 / 255},
        {"featurewise_center": True, "rescale": 1 / 127.5},
        {"samplewise_std_normalization": True},
        {"samplewise_center": True, "samplewise_std_normalization": True, "rescale": 1 / 255},
    ]:
        fitted = ImageDataGenerator(**arguments)
        fitted.fit(whole)
        asked.append(arguments)
        made.append([fitted.standardize(np.copy(picture)) for picture in whole])
    np.save("normalized.npy", np.asarray([whole, *made], "float32"))
    Path("normalized.json").write_text(json.dumps(asked, indent=1) + "\n")


main()
