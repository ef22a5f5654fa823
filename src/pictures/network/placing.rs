//! Arranges the layers of a graph: columns by the longest path from the input, lanes for paths beside each other.

/// The position of a layer in the grid of the drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    /// The number of layers before it on the longest path from the input.
    pub column: usize,
    /// The lane; 0 is that of the longest path from the input to the output.
    pub lane: usize,
}

/// A connection from a layer to one that takes its output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Edge {
    /// The index of the layer whose output it is.
    pub from: usize,
    /// The index of the layer that takes it.
    pub to: usize,
    /// The lane on which it passes the layers between them; `None` for neighbours.
    pub lane: Option<usize>,
}

/// The positions of all layers and connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placing {
    /// The position of each layer, in the network's order.
    pub places: Vec<Place>,
    /// All connections between two layers.
    pub edges: Vec<Edge>,
    /// The number of lanes.
    pub lanes: usize,
}

impl Placing {
    /// The number of columns.
    pub fn columns(&self) -> usize {
        self.places.iter().map(|place| place.column + 1).max().unwrap_or(0)
    }

    /// Whether the second layer is next to the first in the same lane.
    pub fn adjacent(&self, first: usize, second: usize) -> bool {
        match (self.places.get(first), self.places.get(second)) {
            (Some(a), Some(b)) => a.lane == b.lane && a.column + 1 == b.column,
            _ => false,
        }
    }
}

/// For each lane, which columns are taken.
struct Lanes(Vec<Vec<bool>>);

impl Lanes {
    fn is_free(&self, lane: usize, columns: std::ops::Range<usize>) -> bool {
        let Some(taken) = self.0.get(lane) else { return true };
        columns
            .into_iter()
            .all(|column| !taken.get(column).copied().unwrap_or(false))
    }

    fn take(&mut self, lane: usize, columns: std::ops::Range<usize>) {
        while self.0.len() <= lane {
            self.0.push(Vec::new());
        }
        if let Some(taken) = self.0.get_mut(lane) {
            taken.resize(taken.len().max(columns.end), false);
            columns
                .into_iter()
                .filter_map(|column| taken.get_mut(column).map(|place| *place = true))
                .for_each(drop);
        }
    }

    /// The first of these lanes that is free, or else the first free one from 1 on.
    fn find(&self, wanted: &[usize], columns: &std::ops::Range<usize>) -> usize {
        let free = |lane: &usize| self.is_free(*lane, columns.clone());
        wanted.iter().copied().find(free).unwrap_or_else(|| {
            let mut lane = 1;
            while !free(&lane) {
                lane += 1;
            }
            lane
        })
    }
}

/// Arranges layers, given the inputs of each; a layer comes after its inputs.
pub fn place(inputs: &[Vec<usize>], output: usize) -> Placing {
    let mut places: Vec<Place> = Vec::with_capacity(inputs.len());
    for of in inputs {
        let before = of
            .iter()
            .filter_map(|&input| places.get(input))
            .map(|place| place.column + 1);
        let column = before.max().unwrap_or(0);
        places.push(Place {
            column,
            lane: usize::MAX,
        });
    }
    let mut lanes = Lanes(Vec::new());
    // The longest way has the first lane for itself.
    let mut next = Some(output);
    while let Some(index) = next {
        let Some(place) = places.get_mut(index) else { break };
        place.lane = 0;
        let column = place.column;
        lanes.take(0, column..column + 1);
        let before = inputs.get(index).into_iter().flatten().copied();
        next = before.max_by_key(|&input| {
            (
                places.get(input).map_or(0, |place| place.column),
                std::cmp::Reverse(input),
            )
        });
    }
    for (index, of) in inputs.iter().enumerate() {
        let Some(&Place {
            column,
            lane: usize::MAX,
        }) = places.get(index)
        else {
            continue;
        };
        let wanted: Vec<usize> = of
            .iter()
            .filter_map(|&input| places.get(input))
            .map(|place| place.lane)
            .filter(|&lane| lane > 0)
            .collect();
        let lane = lanes.find(&wanted, &(column..column + 1));
        lanes.take(lane, column..column + 1);
        if let Some(place) = places.get_mut(index) {
            place.lane = lane;
        }
    }
    let mut edges = Vec::new();
    for (to, of) in inputs.iter().enumerate() {
        for &from in of {
            let (Some(a), Some(b)) = (places.get(from).copied(), places.get(to).copied()) else {
                continue;
            };
            let lane = (b.column > a.column + 1).then(|| {
                let between = a.column + 1..b.column;
                let lane = lanes.find(&[a.lane, b.lane], &between);
                lanes.take(lane, between);
                lane
            });
            edges.push(Edge { from, to, lane });
        }
    }
    Placing {
        places,
        edges,
        lanes: lanes.0.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(column: usize, lane: usize) -> Place {
        Place { column, lane }
    }

    #[test]
    fn a_chain_has_one_lane() {
        let placing = place(&[vec![], vec![0], vec![1]], 2);
        assert_eq!(placing.places, [at(0, 0), at(1, 0), at(2, 0)]);
        assert!(placing.edges.iter().all(|edge| edge.lane.is_none()));
        assert_eq!((placing.lanes, placing.columns()), (1, 3));
    }

    #[test]
    fn a_shortcut_passes_the_layers_it_skips_on_a_lane_of_its_own() {
        // 0 -> 1 -> 2 -> 3 -> 4 (takes 1 too)
        let placing = place(&[vec![], vec![0], vec![1], vec![2], vec![1, 3]], 4);
        assert!(placing.places.iter().all(|place| place.lane == 0));
        let shortcut = Edge {
            from: 1,
            to: 4,
            lane: Some(1),
        };
        assert!(placing.edges.contains(&shortcut));
        assert_eq!(placing.lanes, 2);
    }

    #[test]
    fn branches_and_shortcuts_never_share_a_place() {
        // Two branches from 1, of two layers and of one, and a shortcut, meet in 5.
        let placing = place(&[vec![], vec![0], vec![1], vec![2], vec![1], vec![3, 4, 1]], 5);
        assert_eq!(placing.places[4], at(2, 1));
        let mut taken: Vec<(usize, usize)> = placing.places.iter().map(|place| (place.column, place.lane)).collect();
        for edge in &placing.edges {
            let (from, to) = (placing.places[edge.from], placing.places[edge.to]);
            if let Some(lane) = edge.lane {
                taken.extend((from.column + 1..to.column).map(|column| (column, lane)));
            }
        }
        let places = taken.len();
        taken.sort_unstable();
        taken.dedup();
        assert_eq!(taken.len(), places);
    }
}
