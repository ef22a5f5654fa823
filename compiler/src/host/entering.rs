//! How samples enter the network.

use crate::launch::{Dispatch, Extent};
use crate::plan::Plan;

/// The launch for a data set of floats or of bytes: plans have the gather of bytes, which scales by 1/255 and makes four
/// elements an invocation; that of floats copies, one element an invocation. Other launches stay as they are.
pub fn gather_for(dispatch: &Dispatch, plan: &Plan, floats: bool) -> Dispatch {
    let mut dispatch = dispatch.clone();
    if floats
        && dispatch.kernel.file == shaders::File::Gather
        && let Extent::Invocations { per_quad, .. } = &mut dispatch.work
    {
        dispatch.kernel.entry = "floats";
        *per_quad = plan.input_shape.elements();
    }
    dispatch
}
