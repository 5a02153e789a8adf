//! Assigns the states of a diagram to ranks, one below the other, and orders each rank, so that arrows lead
//! down and rarely cross.
//!
//! An arrow that passes ranks has a lane in each of them. All arrows to the same state share their lanes,
//! because they lead to the same place after they have met.

use alloc::collections::{BTreeMap, BTreeSet};

use super::mermaid::Diagram;

/// The number of passes that sort the ranks, alternating between down and up.
const SWEEPS: usize = 24;

/// An element of a rank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    State(usize),
    /// The lane of arrows to this state.
    Lane(usize, usize),
}

/// The ranks, and the connections between adjacent ones.
#[derive(Debug)]
pub(super) struct Order {
    /// From the top; within each, from the left.
    pub(super) ranks: Vec<Vec<Place>>,
    /// Connections from a place to one in the next rank.
    pub(super) hops: BTreeSet<(Place, Place)>,
    /// The rank of each state.
    pub(super) rank: BTreeMap<usize, usize>,
    /// Arrows that lead back to an earlier rank, as states. They have no lanes.
    pub(super) back: BTreeSet<(usize, usize)>,
}

impl Order {
    pub(super) fn of(diagram: &Diagram) -> Self {
        let mut edges = Vec::new();
        for arrow in diagram.arrows.iter().filter(|arrow| arrow.from != arrow.to) {
            if !edges.contains(&(arrow.from, arrow.to)) {
                edges.push((arrow.from, arrow.to));
            }
        }
        let states = diagram.states.len();
        let back = back(states, &edges);
        edges.retain(|edge| !back.contains(edge));
        let rank = rank(states, &edges);
        let rank_of = |state| rank.get(&state).copied().unwrap_or_default();
        let mut hops = BTreeSet::new();
        let mut ranks = vec![Vec::new(); rank.values().max().map_or(0, |last| last + 1)];
        for (row, places) in ranks.iter_mut().enumerate() {
            places.extend((0..states).filter(|state| rank_of(*state) == row).map(Place::State));
        }
        for (from, to) in edges {
            for (first, second) in route(from, to, &rank) {
                hops.insert((first, second));
                if let Place::Lane(_, row) = second
                    && let Some(places) = ranks.get_mut(row)
                    && !places.contains(&second)
                {
                    places.push(second);
                }
            }
        }
        let mut order = Self { ranks, hops, rank, back };
        order.sort();
        order
    }

    /// The number of crossings.
    pub(super) fn crossings(&self) -> usize {
        let at = self.positions();
        let at = |place: &Place| at.get(place).copied().unwrap_or_default();
        let hops: Vec<_> = self.hops.iter().map(|(from, to)| (at(from), at(to).1)).collect();
        let mut crossings = 0;
        for (number, ((row, a), b)) in hops.iter().enumerate() {
            for ((other, c), d) in hops.iter().skip(number + 1) {
                crossings += usize::from(row == other && ((a < c && d < b) || (c < a && b < d)));
            }
        }
        crossings
    }

    /// The places to or from which this place has a connection.
    pub(super) fn neighbours(&self, place: Place, below: bool) -> impl Iterator<Item = Place> {
        self.hops.iter().filter_map(move |&(from, to)| match below {
            true => (from == place).then_some(to),
            false => (to == place).then_some(from),
        })
    }

    /// The rank of each place and its index within the rank.
    fn positions(&self) -> BTreeMap<Place, (usize, usize)> {
        let numbered = |(row, places): (usize, &Vec<Place>)| {
            places.iter().enumerate().map(move |(number, place)| (*place, (row, number))).collect::<Vec<_>>()
        };
        self.ranks.iter().enumerate().flat_map(numbered).collect()
    }

    /// Moves each place to the mean position of its neighbors. Then adjacent places are swapped if that
    /// reduces crossings.
    fn sort(&mut self) {
        let mut best = (self.crossings(), self.ranks.clone());
        for sweep in 0..SWEEPS {
            let down = sweep % 2 == 0;
            for step in 0..self.ranks.len() {
                self.sort_rank(if down { step } else { self.ranks.len() - 1 - step }, !down);
            }
            self.swap();
            let crossings = self.crossings();
            if crossings < best.0 {
                best = (crossings, self.ranks.clone());
            }
        }
        self.ranks = best.1;
    }

    fn sort_rank(&mut self, row: usize, below: bool) {
        let at = self.positions();
        let number = |place: &Place| at.get(place).map_or(0, |(_, number)| *number);
        let key = |place: &Place| {
            let neighbours: Vec<usize> = self.neighbours(*place, below).map(|place| number(&place)).collect();
            match neighbours.len() {
                0 => number(place) * 1000,
                count => neighbours.iter().sum::<usize>() * 1000 / count,
            }
        };
        let Some(mut places) = self.ranks.get(row).cloned() else { return };
        places.sort_by_cached_key(key);
        if let Some(rank) = self.ranks.get_mut(row) {
            *rank = places;
        }
    }

    fn swap(&mut self) {
        let pairs: Vec<(usize, usize)> = (self.ranks.iter().enumerate())
            .flat_map(|(row, places)| (1..places.len()).map(move |right| (row, right)))
            .collect();
        let mut crossings = self.crossings();
        for (row, right) in pairs {
            let swap = |order: &mut Self| {
                if let Some(places) = order.ranks.get_mut(row) {
                    places.swap(right - 1, right);
                }
            };
            swap(self);
            let now = self.crossings();
            if now < crossings {
                crossings = now;
            } else {
                swap(self);
            }
        }
    }
}

/// The connections of an arrow that leads down.
pub(super) fn route(from: usize, to: usize, rank: &BTreeMap<usize, usize>) -> Vec<(Place, Place)> {
    let rank_of = |state| rank.get(&state).copied().unwrap_or_default();
    let lanes = (rank_of(from) + 1..rank_of(to)).map(|row| Place::Lane(to, row));
    let places: Vec<Place> =
        [Place::State(from)].into_iter().chain(lanes).chain([Place::State(to)]).collect();
    places.iter().copied().zip(places.iter().copied().skip(1)).collect()
}

/// The edges that close a cycle in a depth-first search; without them the graph is acyclic.
fn back(states: usize, edges: &[(usize, usize)]) -> BTreeSet<(usize, usize)> {
    fn visit(
        state: usize,
        edges: &[(usize, usize)],
        path: &mut Vec<usize>,
        seen: &mut BTreeSet<usize>,
        back: &mut BTreeSet<(usize, usize)>,
    ) {
        if !seen.insert(state) {
            return;
        }
        path.push(state);
        for &(from, to) in edges.iter().filter(|(from, _)| *from == state) {
            if path.contains(&to) {
                back.insert((from, to));
            } else {
                visit(to, edges, path, seen, back);
            }
        }
        path.pop();
    }
    let (mut seen, mut back) = (BTreeSet::new(), BTreeSet::new());
    for state in 0..states {
        visit(state, edges, &mut Vec::new(), &mut seen, &mut back);
    }
    back
}

/// The rank of each state: below all states from which an edge leads to it.
fn rank(states: usize, edges: &[(usize, usize)]) -> BTreeMap<usize, usize> {
    let mut rank: BTreeMap<usize, usize> = (0..states).map(|state| (state, 0)).collect();
    // The graph is acyclic, so no path is longer than the number of states.
    for _ in 0..states {
        for (from, to) in edges {
            let above = rank.get(from).copied().unwrap_or_default();
            rank.entry(*to).and_modify(|rank| *rank = (*rank).max(above + 1));
        }
    }
    rank
}

#[cfg(test)]
mod tests {
    use super::super::mermaid;
    use super::*;

    fn order(arrows: &[&str]) -> Order {
        let lines: String = arrows.iter().map(|arrow| format!("{arrow}: I\n")).collect();
        Order::of(&mermaid::read(&format!("```mermaid\n[*] --> A\n{lines}```\n")).unwrap()[0])
    }

    #[test]
    fn arrows_lead_down_and_share_lanes_through_ranks() {
        let order = order(&["A --> B", "B --> C", "C --> D", "A --> D", "B --> D"]);
        assert_eq!(order.rank.values().copied().collect::<Vec<_>>(), [0, 1, 2, 3]);
        assert_eq!(order.ranks[1].len(), 2);
        assert_eq!(order.ranks[2].len(), 2, "one lane for both to D");
        assert!(order.hops.contains(&(Place::State(0), Place::Lane(3, 1))));
        assert!(order.hops.contains(&(Place::State(1), Place::Lane(3, 2))));
        assert!(order.back.is_empty());
    }

    #[test]
    fn edge_that_closes_a_cycle_leads_back_and_moves_no_state() {
        let order = order(&["A --> B", "B --> B", "B --> C", "C --> A"]);
        assert_eq!(order.back, BTreeSet::from([(2, 0)]));
        assert_eq!(order.rank.values().copied().collect::<Vec<_>>(), [0, 1, 2]);
    }

    #[test]
    fn avoidable_crossings_are_avoided() {
        let order = order(&["A --> B", "A --> C", "A --> D", "B --> G", "C --> F", "D --> E", "D --> F"]);
        assert_eq!(order.crossings(), 0, "{:?}", order.ranks);
    }
}
