//! Textures that hold copies of buffers, for drivers that read them faster: see `shaders/src/textures.rs`.

use super::device::Gpu;
use compiler::plan::TensorKind;
use shaders::textures::TEXELS;

/// A texture that is large enough for the contents of a buffer.
pub(super) struct Texels {
    texture: wgpu::Texture,
    /// The view of the texture that kernels bind.
    pub view: wgpu::TextureView,
    /// How many bytes a texel takes.
    texel: u64,
}

impl Texels {
    /// Whether a texture can hold `texels` texels (vec4s or words).
    pub fn fit(gpu: &Gpu, texels: u64) -> bool {
        texels.div_ceil(u64::from(TEXELS)) <= u64::from(gpu.device.limits().max_texture_dimension_2d)
    }

    /// A texture with room for `bytes` bytes, in texels for this kind of tensor.
    pub fn new(gpu: &Gpu, kind: TensorKind, bytes: u64) -> Self {
        let texel = kind.bytes_per_quad() as u64;
        let rows = bytes.div_ceil(texel * u64::from(TEXELS)).max(1);
        let texture = gpu.device.create_texture(&wgpu::TextureDescriptor {
            label: Some("texels"),
            size: wgpu::Extent3d {
                width: TEXELS,
                height: rows as u32,
                depth_or_array_layers: 1,
            },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: match kind {
                TensorKind::Floats => wgpu::TextureFormat::Rgba32Float,
                TensorKind::Codes => wgpu::TextureFormat::R32Uint,
            },
            usage: wgpu::TextureUsages::STORAGE_BINDING | wgpu::TextureUsages::COPY_DST,
            view_formats: &[],
        });
        let view = texture.create_view(&wgpu::TextureViewDescriptor::default());
        Self { texture, view, texel }
    }

    /// A copy of the first `bytes` of `buffer` into the texture.
    pub fn copy(&self, buffer: &wgpu::Buffer, bytes: u64) -> Copy {
        Copy {
            buffer: buffer.clone(),
            texture: self.texture.clone(),
            texel: self.texel,
            texels: bytes / self.texel,
        }
    }
}

/// A copy from a buffer to a texture.
pub(super) struct Copy {
    buffer: wgpu::Buffer,
    texture: wgpu::Texture,
    texel: u64,
    texels: u64,
}

impl Copy {
    pub fn record(&self, encoder: &mut wgpu::CommandEncoder) {
        let width = u64::from(TEXELS);
        let rows = self.texels / width;
        // Whole rows, and what is left of the last.
        for (row, width, height) in [(0, width, rows), (rows, self.texels % width, 1)] {
            if width == 0 || height == 0 {
                continue;
            }
            encoder.copy_buffer_to_texture(
                wgpu::TexelCopyBufferInfo {
                    buffer: &self.buffer,
                    layout: wgpu::TexelCopyBufferLayout {
                        offset: row * u64::from(TEXELS) * self.texel,
                        bytes_per_row: Some(TEXELS * self.texel as u32),
                        rows_per_image: None,
                    },
                },
                wgpu::TexelCopyTextureInfo {
                    texture: &self.texture,
                    mip_level: 0,
                    origin: wgpu::Origin3d {
                        x: 0,
                        y: row as u32,
                        z: 0,
                    },
                    aspect: wgpu::TextureAspect::All,
                },
                wgpu::Extent3d {
                    width: width as u32,
                    height: height as u32,
                    depth_or_array_layers: 1,
                },
            );
        }
    }
}
