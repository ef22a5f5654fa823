//! How whole numbers from 0 to 255 reach the first layer.

use crate::network::{CheckedNetwork, Node};
use serde::{Deserialize, Serialize};

/// The range in which bytes of a data set reach the first layer. Fractions in the data are never changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Entering {
    /// Every byte is divided by 255.
    #[serde(rename = "0 to 1")]
    Divided,
    /// Bytes keep their values.
    #[serde(rename = "0 to 255")]
    AsTheyAre,
}

impl Entering {
    /// The range for a network. A loader that the description calls leaves bytes as they are, as in Keras. The short
    /// forms of `fit` divide them, except where `fit` gives a scale, and for a network that begins with a layer which
    /// scales values itself: it would divide them twice.
    pub fn of(network: &CheckedNetwork) -> Self {
        let fit = &network.network().fit;
        if fit.loading.is_some() || fit.scale.is_some() || scaling(network).is_some() {
            Self::AsTheyAre
        } else {
            Self::Divided
        }
    }

    /// The number that bytes are divided by.
    pub const fn divisor(self) -> f32 {
        match self {
            Self::Divided => 255.0,
            Self::AsTheyAre => 1.0,
        }
    }

    /// The range in words, such as `0 to 1`.
    pub const fn range(self) -> &'static str {
        match self {
            Self::Divided => "0 to 1",
            Self::AsTheyAre => "0 to 255",
        }
    }
}

/// The layer at the front of a network that scales values itself, behind at most layers that act in training alone;
/// None where the network begins with another layer.
pub fn scaling(network: &CheckedNetwork) -> Option<&Node> {
    let mut at = None;
    loop {
        let mut users = network.nodes().filter(|(_, node, ..)| match at {
            None => node.inputs.is_empty(),
            Some(id) => node.inputs.contains(&id),
        });
        let (id, node, ..) = users.next()?;
        if at.is_some() && (users.next().is_some() || node.inputs.len() != 1) {
            return None;
        }
        if node.layer.scales_values() {
            return Some(node);
        }
        if at.is_some() && !node.layer.blocks_gradients() {
            return None;
        }
        at = Some(id);
    }
}

/// Says in a line what range the first layer sees, and why.
pub fn line(network: &CheckedNetwork) -> String {
    let entering = Entering::of(network);
    let range = entering.range();
    match (entering, scaling(network)) {
        (Entering::Divided, _) => format!("pixels {range}: bytes are divided by 255"),
        (Entering::AsTheyAre, Some(node)) => {
            format!(
                "pixels {range}: {} scales them, so that they are not divided by 255 before",
                node.name
            )
        }
        (Entering::AsTheyAre, None) => format!("pixels {range}: no layer scales them"),
    }
}
