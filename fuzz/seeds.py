#!/usr/bin/env python3
"""Writes the first inputs of every fuzz target into a folder: `seeds.py FOLDER`. The same files each time."""

import gzip
import io
import json
import pathlib
import re
import struct
import sys
import tarfile
import zipfile
import zlib

ROOT = pathlib.Path(__file__).resolve().parent.parent
PICTURES = ROOT / "runtime/src/data/fixtures/pictures"


def text():
    """Every description that the project has, and short ones for what they lack."""
    for path in sorted([*ROOT.glob("specs/*.cnn"), *ROOT.glob("tests/**/*.cnn"), *ROOT.glob("compiler/tests/**/*.cnn")]):
        yield path.read_bytes()
    yield b"model m { Input(shape=(2, 2, 1)) Flatten() Dense(3, activation=\"softmax\") }\n"
    yield b"model m {\n    x = Input(shape=(8, 8, 3))\n    a = Conv2D(4, (3, 3), padding=\"same\")(x)\n    b = Add()([a, a])\n    Flatten()(b)\n}\n"
    yield b"keras.Sequential([layers.Input(shape=(4,)), layers.Dense(2)])\n"
    # Every example of the language's description: each layer, loss and callback is in one.
    language = (ROOT / "specs/LANGUAGE.md").read_text()
    for example in re.findall(r"^```\w*\n(.*?)^```", language, re.MULTILINE | re.DOTALL):
        yield example.encode()
    for path in sorted(ROOT.glob("compiler/src/**/*.cnn")):
        yield path.read_bytes()


def words():
    """The words of the descriptions, as a dictionary for libFuzzer."""
    found = set()
    for description in text():
        found.update(re.findall(rb'[A-Za-z_0-9]{2,}=?|"[a-z_]+"|[(){}\[\],#=]', description))
    escaped = (word.decode().replace('"', '\\"') for word in sorted(found))
    return "".join(f'"{word}"\n' for word in escaped)


def npy(kind, shape, data, version=1, fortran=False):
    header = f"{{'descr': '{kind}', 'fortran_order': {fortran}, 'shape': {shape}, }}".encode()
    length = struct.pack("<H" if version == 1 else "<I", len(header))
    return b"\x93NUMPY" + bytes([version, 0]) + length + header + data


def npz(method, **arrays):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, array in arrays.items():
            archive.writestr(zipfile.ZipInfo(f"{name}.npy"), array, method)
    return file.getvalue()


def idx(magic, sizes, data):
    return struct.pack(f">{1 + len(sizes)}I", magic, *sizes) + data


def arrays():
    one = [
        npy("|u1", "(2, 3, 1)", bytes(6)),
        npy("<f4", "(3,)", bytes(12)),
        npy(">f8", "(2, 2, 3)", bytes(96), version=2),
        npy("<i8", "(3,)", bytes(24)),
        npy("<f4", "(3, 2)", bytes(24), fortran=True),
    ]
    for array in one:
        yield b"\0" + array
        yield b"\0" + gzip.compress(array, mtime=0)
    x, y = npy("|u1", "(2, 2, 2)", bytes(8)), npy("<i8", "(2,)", bytes(16))
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        yield b"\1" + npz(method, x_train=x, y_train=y)
        yield b"\1" + npz(method, x_train=x, y_train=y, x_test=x, y_test=y)
    yield b"\4label,a,b\n1,2,3\n0,255,4\n"
    yield b"\4emotion,pixels,Usage\n1,2 3 4,Training\n0,5 6 7,PrivateTest\n"
    images, labels = idx(0x803, (2, 2, 3), bytes(12)), idx(0x801, (2,), bytes([0, 1]))
    for pack in (bytes, lambda file: gzip.compress(file, mtime=0)):
        yield b"\2" + struct.pack("<H", len(pack(images))) + pack(images) + pack(labels)
    yield b"\3" + bytes([5]) + bytes(range(256)) * 12


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(bits, colour, interlaced, row):
    header = struct.pack(">2I5B", 8, 6, bits, colour, 0, 0, interlaced)
    palette = chunk(b"PLTE", bytes(range(48))) + chunk(b"tRNS", bytes(16)) if colour == 3 else b""
    rows = zlib.compress((b"\1" + bytes(row)) * 12)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + palette + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def bmp(bits, compression, data):
    palette = bytes(range(256)) * 4 if bits <= 8 else b""
    masks = struct.pack("<3I", 0xF800, 0x7E0, 0x1F) if compression == 3 else b""
    info = struct.pack("<3I2H6I", 40, 7, 5, 1, bits, compression, len(data), 0, 0, 0, 0)
    start = 14 + len(info) + len(masks) + len(palette)
    return b"BM" + struct.pack("<IHHI", start + len(data), 0, 0, start) + info + masks + palette + data


def pictures():
    for path in sorted(PICTURES.iterdir()):
        if path.suffix in {".png", ".jpg", ".webp"}:
            yield path.read_bytes()
    for bits, colour, row in ((1, 0, 1), (4, 3, 4), (8, 3, 8), (8, 0, 8), (16, 0, 16), (8, 2, 24), (16, 6, 64), (8, 4, 16)):
        yield png(bits, colour, 0, row)
        yield png(bits, colour, 1, row)
    yield bmp(24, 0, bytes(24 * 5))
    yield bmp(8, 1, bytes([7, 1, 0, 0, 0, 3, 1, 2, 3, 0, 0, 2, 1, 1, 0, 1]))
    yield bmp(4, 2, bytes([7, 0x12, 0, 0, 0, 4, 0x12, 0x34, 0, 1]))
    yield bmp(16, 3, bytes(16 * 5))
    yield bmp(1, 0, bytes(4 * 5))


def tar(names, size, form):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=form) as archive:
        for name in names:
            entry = tarfile.TarInfo(name)
            entry.size = size
            archive.addfile(entry, io.BytesIO(bytes(size)))
    return file.getvalue()


def archives():
    array = npy("<f4", "(3,)", bytes(12))
    yield b"\0" + gzip.compress(array, mtime=0)
    yield b"\0" + gzip.compress(array[:20], mtime=0) + gzip.compress(array[20:], mtime=0)
    names = [f"cifar-10-batches-bin/{name}.bin" for name in (*(f"data_batch_{at}" for at in range(1, 6)), "test_batch")]
    for form in (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        yield b"\1" + gzip.compress(tar(names, 3073, form), mtime=0)
        yield b"\1" + gzip.compress(tar(["x" * 99 if form == tarfile.USTAR_FORMAT else "x" * 300, *names[:2], "../up"], 10, form), mtime=0)


MANIFEST = f"""\
cnnc: 0.1.0
model: mnist_onelayer
data: mnist
data_path: null
data_origin: 8,000 + 2,000 of MNIST's digits, which this program carries
data_sha256: {"0" * 64}
class_names: ['0', '1']
pictures: keras
seed: 0
batch_size: 32
epochs: 3
device: cpu
driver: portable, 2 threads
wall_seconds: 1.5
weights_sha256: {"0" * 64}
description: |
  model m {{ Input(shape=(2, 2, 1)) Flatten() Dense(3) }}
"""


def safetensors(header, data):
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def records():
    yield b"\0" + MANIFEST.encode()
    yield b"\0a: &a [1, 2]\nb: *a\n"
    yield b"\1epoch,accuracy,loss\r\n0,0.5,1.25\r\n1,0.75,NA\r\n"
    yield b"\1epoch,accuracy,loss,val_accuracy,val_loss\r\n0,0.5,1.25,0.1,2.5\r\n"
    tensor = {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}
    yield b"\2" + safetensors({"dense.kernel": tensor, "__metadata__": {"format": "keras"}}, bytes(24))
    yield b"\2" + safetensors({}, b"")


def varint(number):
    more = []
    while number >= 0x80:
        more.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*more, number])


def field(number, value):
    """A field of a protocol buffer: a number, or bytes."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    value = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(value)) + value


def onnx():
    """A graph of one convolution, a relu, a flattening and a dense layer."""
    def value(name, sizes):
        shape = b"".join(field(1, field(1, size)) for size in sizes)
        return field(1, name) + field(2, field(1, field(1, 1) + field(2, shape)))

    def tensor(name, sizes):
        count = 1
        for size in sizes:
            count *= size
        return b"".join(field(1, size) for size in sizes) + field(2, 1) + field(8, name) + field(9, bytes(4 * count))

    def node(kind, inputs, output, attributes=b""):
        return b"".join(field(1, one) for one in inputs) + field(2, output) + field(3, kind) + field(4, kind) + attributes

    kernel = field(5, field(1, "kernel_shape") + field(8, 3) + field(8, 3) + field(20, 7))
    nodes = [
        node("Conv", ["x", "w", "b"], "a", kernel),
        node("Relu", ["a"], "c"),
        node("Flatten", ["c"], "d"),
        node("Gemm", ["d", "v", "u"], "y"),
    ]
    weights = [tensor("w", (2, 1, 3, 3)), tensor("b", (2,)), tensor("v", (8, 3)), tensor("u", (3,))]
    graph = b"".join(field(1, one) for one in nodes) + field(2, "g") + b"".join(field(5, one) for one in weights)
    graph += field(11, value("x", (1, 1, 4, 4))) + field(12, value("y", (1, 3)))
    return field(1, 8) + field(7, graph) + field(8, field(2, 17))


def imports():
    for path in sorted(ROOT.glob("tests/import/*.py")):
        yield b"\0" + path.read_bytes()
    for path in sorted(ROOT.glob("tests/import/*.ipynb")):
        yield b"\1" + path.read_bytes()
    for which, pattern in ((b"\2", "*.keras"), (b"\3", "*.h5"), (b"\5", "*.weights.h5")):
        for path in sorted((ROOT / "tests/import/files").glob(pattern)):
            yield which + path.read_bytes()
    yield b"\4" + onnx()
    tensor = {"dtype": "F32", "shape": [2, 1, 3, 3], "data_offsets": [0, 72]}
    yield b"\6" + safetensors({"0.weight": tensor}, bytes(72))


def main():
    folder = pathlib.Path(sys.argv[1])
    for target in (text, arrays, pictures, archives, records, imports):
        (folder / target.__name__).mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(target()):
            (folder / target.__name__ / f"seed-{number:03}").write_bytes(seed)
    (folder / "text.dict").write_text(words())


main()
