//! Textures in the place of buffers, for drivers that read them faster.
//!
//! Mesa 22.3's software Vulkan reads a storage buffer lane by lane in a loop, and a texture by whole vectors: four times
//! faster with AVX-512, and with AVX2 alone, where each turn of that loop waits for a store, some thirty times (measured).
//!
//! A buffer that may become a texture is read in one place, `return NAME[min(at, arrayLength(&NAME) - 1u)];`, which
//! is replaced by a read of the texture `NAME_texels`, clamped in the same way. Contents lie row after row,
//! [`TEXELS`] in a row, with the last row cut short.

/// The number of texels in a row.
pub const TEXELS: u32 = 1024;

/// The number that is added to a buffer's binding for that of its texture.
pub const BINDING: u32 = 16;

/// Replaces reads of buffers by reads of textures. The buffers stay declared, for their lengths.
pub fn through_textures(source: &str) -> String {
    let mut text = String::with_capacity(source.len() + 1024);
    for line in source.lines() {
        match clamped_read(line) {
            Some(name) => {
                let component = if is_words(source, name) { ".x" } else { "" };
                text.push_str(&format!(
                    "    let row = min(at / {TEXELS}u, textureDimensions({name}_texels).y - 1u);\n    \
                     return textureLoad({name}_texels, vec2u(at % {TEXELS}u, row)){component};"
                ));
            }
            None => text.push_str(line),
        }
        text.push('\n');
        if let Some((binding, name)) = read_buffer(line)
            && source.lines().any(|line| clamped_read(line) == Some(name))
        {
            let format = if is_words(source, name) {
                "r32uint"
            } else {
                "rgba32float"
            };
            let binding = binding + BINDING;
            text.push_str(&format!(
                "@group(0) @binding({binding}) var {name}_texels: texture_storage_2d<{format}, read>;\n"
            ));
        }
    }
    text
}

/// The buffers of `source` that can become textures: their binding numbers, and whether their elements are words (`u32`).
pub fn readable(source: &str) -> impl Iterator<Item = (u32, bool)> {
    source.lines().filter_map(move |line| {
        let (binding, name) = read_buffer(line)?;
        let read = source.lines().any(|line| clamped_read(line) == Some(name));
        read.then(|| (binding, is_words(source, name)))
    })
}

/// The name of the buffer that a line reads, clamped; None for other lines.
fn clamped_read(line: &str) -> Option<&str> {
    let (name, rest) = line.strip_prefix("    return ")?.split_once("[min(at, arrayLength(&")?;
    (rest.strip_suffix(") - 1u)];")? == name).then_some(name)
}

/// The binding number and the name of the read-only buffer that a line declares; None for other lines.
fn read_buffer(line: &str) -> Option<(u32, &str)> {
    let (binding, rest) = line
        .strip_prefix("@group(0) @binding(")?
        .split_once(") var<storage, read> ")?;
    Some((binding.parse().ok()?, rest.split_once(':')?.0))
}

fn is_words(source: &str, name: &str) -> bool {
    source.contains(&format!("var<storage, read> {name}: array<u32>;"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::File;

    const SOURCE: &str = "@group(0) @binding(2) var<storage, read> codes: array<u32>;\n\
        @group(0) @binding(3) var<storage, read> other: array<vec4f>;\n\
        fn read_codes(at: u32) -> u32 {\n    return codes[min(at, arrayLength(&codes) - 1u)];\n}\n";

    #[test]
    fn a_read_becomes_that_of_a_texture() {
        let text = through_textures(SOURCE);
        assert_eq!(
            text,
            "@group(0) @binding(2) var<storage, read> codes: array<u32>;\n\
             @group(0) @binding(18) var codes_texels: texture_storage_2d<r32uint, read>;\n\
             @group(0) @binding(3) var<storage, read> other: array<vec4f>;\n\
             fn read_codes(at: u32) -> u32 {\n    \
             let row = min(at / 1024u, textureDimensions(codes_texels).y - 1u);\n    \
             return textureLoad(codes_texels, vec2u(at % 1024u, row)).x;\n}\n"
        );
        assert_eq!(readable(SOURCE).collect::<Vec<_>>(), [(2, true)]);
    }

    #[test]
    fn products_read_all_that_they_only_read_through_one_line_each() {
        for (file, bindings) in [(File::Conv2d, vec![0, 1, 4, 5, 6]), (File::Dense, vec![0, 1, 3, 4])] {
            let found: Vec<u32> = readable(file.source()).map(|(binding, _)| binding).collect();
            assert_eq!(found, bindings, "{}", file.name());
            let declared = file.source().matches("var<storage, read> ").count();
            assert_eq!(declared, bindings.len(), "{}", file.name());
        }
        // All but the one that is there for its length.
        let found: Vec<u32> = readable(File::Winograd.source()).map(|(binding, _)| binding).collect();
        assert_eq!(found, [0, 1, 4, 5, 6, 9, 10, 11]);
        // A head also reads what a step is: too little for textures.
        assert_eq!(
            readable(File::Head.source()).collect::<Vec<_>>(),
            [(0, false), (1, false)]
        );
    }
}
