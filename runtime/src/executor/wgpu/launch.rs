//! One launch of a step.

use super::texels::Copy;

/// A pipeline with what it binds, ready to run.
pub(super) struct Launch {
    pub pipeline: wgpu::ComputePipeline,
    pub bindings: wgpu::BindGroup,
    pub workgroups: [u32; 2],
    /// The copies from buffers to textures that have to be made before it.
    pub copies: Vec<Copy>,
}

impl Launch {
    /// Fills the textures that this launch is the first of its step to read.
    pub fn copy(&self, encoder: &mut wgpu::CommandEncoder) {
        for copy in &self.copies {
            copy.record(encoder);
        }
    }

    pub fn record(&self, pass: &mut wgpu::ComputePass<'_>) {
        pass.set_pipeline(&self.pipeline);
        pass.set_bind_group(0, &self.bindings, &[]);
        pass.dispatch_workgroups(self.workgroups[0], self.workgroups[1], 1);
    }
}
