//! Computes the position of each state's box and the path of each arrow.
//!
//! A box has the name of the state, and below it a field for each input that the state accepts. An arrow
//! starts at the field of its input, so its label is where it starts, and labels cannot overlap.

use alloc::collections::{BTreeMap, BTreeSet};
use core::fmt::Write as _;

use super::mermaid::{Arrow, Diagram};
use super::order::{Order, Place, route};
use crate::conformance::pictures::length;

/// The widths of a letter in a state's name and in an input, in the widest of the usual fonts, in pixels.
const NAME_LETTER: f64 = 8.1;
const INPUT_LETTER: f64 = 6.7;
/// The heights of a name, of a box with inputs, and of an input's field.
pub(super) const NAME_HEIGHT: f64 = 28.0;
const HEIGHT: f64 = 56.0;
pub(super) const INPUT_HEIGHT: f64 = 20.0;
/// The gaps between an edge of the box and its text, between fields, and between the edge of the picture and
/// the drawing.
const PADDING: f64 = 10.0;
const BETWEEN_INPUTS: f64 = 6.0;
const MARGIN: f64 = 24.0;
/// The minimum gaps between adjacent places, between adjacent arrow ends, and between adjacent backward
/// arrows.
const BETWEEN: f64 = 26.0;
const BETWEEN_ENDS: f64 = 15.0;
const BETWEEN_BACK: f64 = 18.0;
/// The number of iterations that move places towards their neighbors.
const SWEEPS: usize = 60;

/// The layout of a state.
#[derive(Debug)]
pub(super) struct Shape {
    pub(super) name: String,
    pub(super) left: f64,
    pub(super) top: f64,
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) inputs: Vec<Input>,
}

/// The field of an input.
#[derive(Debug)]
pub(super) struct Input {
    pub(super) name: String,
    pub(super) left: f64,
    pub(super) width: f64,
}

/// The layout of an arrow.
#[derive(Debug)]
pub(super) struct Way {
    pub(super) from: usize,
    pub(super) input: String,
    pub(super) to: usize,
    /// The path, in SVG syntax.
    pub(super) path: String,
    /// The position of its head, and whether it points up.
    pub(super) end: (f64, f64),
    pub(super) up: bool,
}

/// A diagram with its layout.
#[derive(Debug)]
pub(super) struct Layout {
    /// In the order of the diagram's states.
    pub(super) shapes: Vec<Shape>,
    /// In the order of its arrows.
    pub(super) ways: Vec<Way>,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// The upper and the lower edge of each rank.
type Bands = BTreeMap<usize, (f64, f64)>;

impl Layout {
    pub(super) fn of(diagram: &Diagram) -> Self {
        let order = Order::of(diagram);
        let mut shapes: Vec<Shape> =
            (0..diagram.states.len()).map(|state| Shape::new(diagram, state)).collect();
        let x = columns(&order, &shapes);
        let mean = |place: Place| x.get(&place).copied().unwrap_or_default();
        for (state, shape) in shapes.iter_mut().enumerate() {
            shape.left = mean(Place::State(state)) - shape.width / 2.0;
            let width = shape.width;
            shape.sort_inputs(|input| {
                let arrows = diagram.arrows.iter().filter(|a| a.from == state && a.input == input);
                let next = |to| match route(state, to, &order.rank).first() {
                    _ if to == state => mean(Place::State(state)) - width,
                    _ if order.back.contains(&(state, to)) => f64::MAX / 1e6,
                    Some((_, next)) => mean(*next),
                    None => 0.0,
                };
                let aims: Vec<f64> = arrows.map(|arrow| next(arrow.to)).collect();
                aims.iter().sum::<f64>() / length(aims.len()).max(1.0)
            });
        }
        let bands = bands(&order, &shapes, &x);
        for (state, shape) in shapes.iter_mut().enumerate() {
            shape.top = order.rank.get(&state).and_then(|row| bands.get(row)).map_or(0.0, |band| band.0);
        }
        let right = shapes.iter().map(|shape| shape.left + shape.width);
        let right = right.chain(x.values().copied()).fold(0.0, f64::max);
        let ways = Router { diagram, order: &order, shapes: &shapes, x: &x, bands: &bands, right }.ways();
        let backs = length(order.back.len()) * BETWEEN_BACK;
        let bottom = bands.values().map(|band| band.1).fold(0.0, f64::max);
        // A loop or a backward arrow extends below the last rank.
        Self { shapes, ways, width: right + backs + MARGIN, height: bottom + MARGIN + 16.0 }
    }
}

impl Shape {
    fn new(diagram: &Diagram, state: usize) -> Self {
        let name = diagram.states.get(state).cloned().unwrap_or_default();
        let mut inputs: Vec<Input> = Vec::new();
        for arrow in diagram.arrows.iter().filter(|arrow| arrow.from == state) {
            if !inputs.iter().any(|input| input.name == arrow.input) {
                let width = length(arrow.input.chars().count()) * INPUT_LETTER + 12.0;
                inputs.push(Input { name: arrow.input.clone(), left: 0.0, width });
            }
        }
        let fields: f64 = inputs.iter().map(|input| input.width + BETWEEN_INPUTS).sum();
        let width = (length(name.chars().count()) * NAME_LETTER).max(fields - BETWEEN_INPUTS) + 2.0 * PADDING;
        let height = if inputs.is_empty() { NAME_HEIGHT + 4.0 } else { HEIGHT };
        Self { name, left: 0.0, top: 0.0, width, height, inputs }
    }

    /// Sorts the inputs by the positions of the states to which they lead, centered in the box.
    fn sort_inputs(&mut self, aim: impl Fn(&str) -> f64) {
        let mut inputs: Vec<(f64, Input)> =
            core::mem::take(&mut self.inputs).into_iter().map(|input| (aim(&input.name), input)).collect();
        inputs.sort_by(|(a, _), (b, _)| a.total_cmp(b));
        let fields: f64 = inputs.iter().map(|(_, input)| input.width + BETWEEN_INPUTS).sum();
        let mut left = self.left + (self.width - fields + BETWEEN_INPUTS) / 2.0;
        for (_, mut input) in inputs {
            input.left = left;
            left += input.width + BETWEEN_INPUTS;
            self.inputs.push(input);
        }
    }

    fn bottom(&self) -> f64 {
        self.top + self.height
    }

    /// The starting point of arrows with this input.
    fn begin(&self, input: &str) -> f64 {
        let input = self.inputs.iter().find(|one| one.name == input);
        input.map_or(self.left + self.width / 2.0, |input| input.left + input.width / 2.0)
    }
}

fn half(place: Place, shapes: &[Shape]) -> f64 {
    match place {
        Place::State(state) => shapes.get(state).map_or(0.0, |shape| shape.width / 2.0),
        Place::Lane(..) => 4.0,
    }
}

/// The center of each place, as close to the centers of its neighbors as the order permits.
fn columns(order: &Order, shapes: &[Shape]) -> BTreeMap<Place, f64> {
    let mut x: BTreeMap<Place, f64> = BTreeMap::new();
    for places in &order.ranks {
        let wishes: Vec<(f64, f64)> = places.iter().map(|_| (0.0, 1.0)).collect();
        x.extend(places.iter().copied().zip(spread(&wishes, &gaps(places, shapes))));
    }
    for sweep in 0..SWEEPS {
        let settle = sweep * 3 > SWEEPS * 2;
        for step in 0..order.ranks.len() {
            let row = if sweep % 2 == 0 { step } else { order.ranks.len() - 1 - step };
            let Some(places) = order.ranks.get(row) else { continue };
            let wish = |place: &Place| {
                let (mut sum, mut weight) = (0.0, 0.0);
                for below in [false, true] {
                    if settle || below == (sweep % 2 == 1) {
                        for other in order.neighbours(*place, below) {
                            // A lane should be straight.
                            let one = match (place, other) {
                                (Place::Lane(..), Place::Lane(..)) => 6.0,
                                (Place::State(_), Place::State(_)) => 2.0,
                                _ => 1.0,
                            };
                            sum += one * x.get(&other).copied().unwrap_or_default();
                            weight += one;
                        }
                    }
                }
                if weight > 0.0 {
                    (sum / weight, weight)
                } else {
                    (x.get(place).copied().unwrap_or_default(), 0.1)
                }
            };
            let wishes: Vec<(f64, f64)> = places.iter().map(wish).collect();
            x.extend(places.iter().copied().zip(spread(&wishes, &gaps(places, shapes))));
        }
    }
    let left = x.iter().map(|(place, x)| x - half(*place, shapes)).fold(f64::INFINITY, f64::min);
    x.values_mut().for_each(|x| *x += MARGIN - left);
    x
}

/// The minimum distance between the centers of adjacent places.
fn gaps(places: &[Place], shapes: &[Shape]) -> Vec<f64> {
    let pairs = places.iter().zip(places.iter().skip(1));
    pairs.map(|(a, b)| half(*a, shapes) + half(*b, shapes) + BETWEEN).collect()
}

/// Computes positions that minimize the weighted sum of squared distances from the desired positions, while
/// keeping the order and the given gaps.
fn spread(wishes: &[(f64, f64)], gaps: &[f64]) -> Vec<f64> {
    let mut offset = 0.0;
    let mut offsets = vec![0.0];
    offsets.extend(gaps.iter().map(|gap| {
        offset += gap;
        offset
    }));
    // Without the gaps, no position may be less than the one before it. Positions that would be are merged
    // into blocks.
    let mut blocks: Vec<(f64, f64, usize)> = Vec::new();
    for ((wish, weight), offset) in wishes.iter().zip(&offsets) {
        let mut block = (wish - offset, *weight, 1);
        while let Some(&(mean, weight, count)) = blocks.last()
            && mean > block.0
        {
            blocks.pop();
            let all = weight + block.1;
            block = ((mean * weight + block.0 * block.1) / all, all, count + block.2);
        }
        blocks.push(block);
    }
    let means = blocks.iter().flat_map(|(mean, _, count)| core::iter::repeat_n(*mean, *count));
    means.zip(offsets).map(|(mean, offset)| mean + offset).collect()
}

/// The edges of each rank. The gap between two ranks grows with the horizontal distance of the arrows.
fn bands(order: &Order, shapes: &[Shape], x: &BTreeMap<Place, f64>) -> Bands {
    // The arrow to the start state is above the first rank.
    let mut top = MARGIN + 40.0;
    let mut bands = Bands::new();
    for (row, places) in order.ranks.iter().enumerate() {
        let height = |place: &Place| match place {
            Place::State(state) => shapes.get(*state).map_or(0.0, |shape| shape.height),
            Place::Lane(..) => 0.0,
        };
        let bottom = top + places.iter().map(height).fold(0.0, f64::max);
        bands.insert(row, (top, bottom));
        let aside = order.hops.iter().filter(|(from, _)| places.contains(from));
        let aside = aside.map(|(from, to)| match (x.get(from), x.get(to)) {
            (Some(from), Some(to)) => (from - to).abs(),
            _ => 0.0,
        });
        top = bottom + (40.0 + 0.12 * aside.fold(0.0, f64::max)).min(110.0);
    }
    bands
}

/// Helpers for paths.
struct Router<'a> {
    diagram: &'a Diagram,
    order: &'a Order,
    shapes: &'a [Shape],
    x: &'a BTreeMap<Place, f64>,
    bands: &'a Bands,
    right: f64,
}

impl Router<'_> {
    fn ways(&self) -> Vec<Way> {
        let mut ways = Vec::new();
        for arrow in &self.diagram.arrows {
            let Some(from) = self.shapes.get(arrow.from) else { continue };
            let (begin, bottom) = (from.begin(&arrow.input), from.bottom());
            let mut path = format!("M{begin:.1},{bottom:.1}");
            let up = arrow.from == arrow.to;
            // Writing to a String cannot fail, here and below.
            let end = if up {
                path.clear();
                self.loops(&mut path, arrow, from)
            } else if let Some(number) =
                self.order.back.iter().position(|edge| *edge == (arrow.from, arrow.to))
            {
                self.around(&mut path, (begin, bottom), number, arrow.to)
            } else {
                self.down(&mut path, (begin, bottom), arrow.from, arrow.to)
            };
            ways.push(Way { from: arrow.from, input: arrow.input.clone(), to: arrow.to, path, end, up });
        }
        ways
    }

    /// From a field back to its own state, on the side to which none of its other arrows leads.
    fn loops(&self, path: &mut String, arrow: &Arrow, from: &Shape) -> (f64, f64) {
        let middle = from.begin(&arrow.input);
        let others = self.diagram.arrows.iter().filter(|other| {
            let down = !self.order.back.contains(&(other.from, other.to)) && other.to != other.from;
            other.from == arrow.from && other.input == arrow.input && down
        });
        let leftmost = others
            .filter_map(|other| self.shapes.get(other.to))
            .map(|to| to.left + to.width / 2.0)
            .fold(f64::INFINITY, f64::min);
        let side = if leftmost < middle { 1.0 } else { -1.0 };
        let width = from.inputs.iter().find(|one| one.name == arrow.input).map_or(0.0, |input| input.width);
        let (end, bottom) = (middle + side * (width / 2.0 - 9.0), from.bottom());
        let (begin, low) = (end - side * 14.0, bottom + 23.0);
        let _ = write!(
            path,
            "M{begin:.1},{bottom:.1}C{:.1},{low:.1} {end:.1},{low:.1} {end:.1},{bottom:.1}",
            begin - side * 2.0
        );
        (end, bottom)
    }

    fn band(&self, row: usize) -> (f64, f64) {
        self.bands.get(&row).copied().unwrap_or_default()
    }

    fn rank(&self, state: usize) -> usize {
        self.order.rank.get(&state).copied().unwrap_or_default()
    }

    /// From rank to rank: curves between ranks, straight lines through them.
    fn down(&self, path: &mut String, begin: (f64, f64), from: usize, to: usize) -> (f64, f64) {
        let mut at = begin;
        let mut row = self.rank(from);
        for (_, next) in route(from, to, &self.order.rank) {
            let bottom = self.band(row).1;
            if at.1 < bottom {
                let _ = write!(path, "V{bottom:.1}");
                at.1 = bottom;
            }
            row += 1;
            let top = self.band(row).0;
            let x = match next {
                Place::Lane(..) => self.x.get(&next).copied().unwrap_or_default(),
                Place::State(_) => self.end(to, at.0),
            };
            let middle = (at.1 + top) / 2.0;
            let _ = write!(path, "C{:.1},{middle:.1} {x:.1},{middle:.1} {x:.1},{top:.1}", at.0);
            at = (x, top);
        }
        at
    }

    /// Back to an earlier rank, to the right of everything else.
    fn around(&self, path: &mut String, begin: (f64, f64), number: usize, to: usize) -> (f64, f64) {
        let lane = self.lane_back(number);
        let (x, top) = (self.end(to, lane), self.band(self.rank(to)).0);
        let (low, high) = (begin.1 + 24.0, top - 30.0);
        let _ = write!(
            path,
            "C{:.1},{low:.1} {:.1},{low:.1} {:.1},{low:.1}",
            begin.0,
            begin.0 + 10.0,
            begin.0 + 30.0
        );
        let _ = write!(path, "H{:.1}Q{lane:.1},{low:.1} {lane:.1},{:.1}", lane - 20.0, low - 20.0);
        let _ = write!(path, "V{:.1}Q{lane:.1},{high:.1} {:.1},{high:.1}", high + 20.0, lane - 20.0);
        let _ = write!(path, "H{:.1}Q{x:.1},{high:.1} {x:.1},{top:.1}", x + 20.0);
        (x, top)
    }

    fn lane_back(&self, number: usize) -> f64 {
        self.right + length(number + 1) * BETWEEN_BACK
    }

    /// The end of an arrow at its target state: ends are sorted by the positions of their origins.
    fn end(&self, to: usize, from: f64) -> f64 {
        let Some(shape) = self.shapes.get(to) else { return 0.0 };
        let mut comings: Vec<f64> = Vec::new();
        let mut lanes = BTreeSet::new();
        for arrow in self.diagram.arrows.iter().filter(|arrow| arrow.to == to && arrow.from != to) {
            let edge = (arrow.from, to);
            if let Some(number) = self.order.back.iter().position(|back| *back == edge) {
                comings.push(self.lane_back(number));
                continue;
            }
            match route(arrow.from, to, &self.order.rank).last() {
                Some((lane @ Place::Lane(..), _)) => {
                    if lanes.insert(*lane) {
                        comings.extend(self.x.get(lane));
                    }
                }
                _ => comings.extend(self.shapes.get(arrow.from).map(|from| from.begin(&arrow.input))),
            }
        }
        comings.sort_by(f64::total_cmp);
        comings.dedup();
        let number = comings.iter().position(|coming| (coming - from).abs() < 0.01).unwrap_or_default();
        let room = (shape.width - 24.0) / length(comings.len()).max(1.0);
        let middle = length(comings.len().saturating_sub(1)) / 2.0;
        shape.left + shape.width / 2.0 + (length(number) - middle) * room.min(BETWEEN_ENDS)
    }
}

#[cfg(test)]
mod tests {
    use super::super::mermaid;
    use super::*;

    fn page() -> Vec<Diagram> {
        let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/states.md");
        mermaid::read(&std::fs::read_to_string(page).unwrap()).unwrap()
    }

    #[test]
    fn boxes_do_not_overlap_and_stay_inside() {
        for diagram in page() {
            let layout = Layout::of(&diagram);
            for (number, one) in layout.shapes.iter().enumerate() {
                let (right, bottom) = (one.left + one.width, one.top + one.height);
                assert!(one.left > 0.0 && one.top > 0.0 && right < layout.width && bottom < layout.height);
                for other in &layout.shapes[number + 1..] {
                    let aside = right < other.left || other.left + other.width < one.left;
                    let below = bottom < other.top || other.top + other.height < one.top;
                    assert!(aside || below, "{}: {} and {}", diagram.title, one.name, other.name);
                }
                for pair in one.inputs.windows(2) {
                    assert!(pair[0].left + pair[0].width < pair[1].left);
                }
                let ends = [one.inputs.first(), one.inputs.last()];
                for input in ends.into_iter().flatten() {
                    assert!(one.left < input.left && input.left + input.width < right, "{}", one.name);
                }
            }
        }
    }

    #[test]
    fn arrows_start_at_their_input_and_end_at_their_state() {
        for diagram in page() {
            let layout = Layout::of(&diagram);
            assert_eq!(layout.ways.len(), diagram.arrows.len());
            for (way, arrow) in layout.ways.iter().zip(&diagram.arrows) {
                assert_eq!((way.from, &way.input, way.to), (arrow.from, &arrow.input, arrow.to));
                let (from, to) = (&layout.shapes[way.from], &layout.shapes[way.to]);
                let input = from.inputs.iter().find(|input| input.name == way.input).unwrap();
                let (x, y) = way.path[1..].split_once('C').unwrap().0.split_once(',').unwrap();
                // It may first go straight down to the lower edge of its rank.
                let (x, y): (f64, f64) = (x.parse().unwrap(), y.split('V').next().unwrap().parse().unwrap());
                assert!(input.left < x && x < input.left + input.width, "{}", way.path);
                assert!((y - from.bottom()).abs() < 0.1, "{}", way.path);
                let (x, y) = way.end;
                assert!(to.left < x && x < to.left + to.width, "{} to {}", from.name, to.name);
                assert_eq!(y, if way.up { to.bottom() } else { to.top });
                assert!(way.path.ends_with(&format!("{x:.1},{y:.1}")), "{}", way.path);
            }
        }
    }

    #[test]
    fn positions_are_as_desired_or_share_the_deviation() {
        let wishes = |all: &[f64]| all.iter().map(|wish| (*wish, 1.0)).collect::<Vec<_>>();
        assert_eq!(spread(&wishes(&[0.0, 50.0]), &[10.0]), [0.0, 50.0]);
        assert_eq!(spread(&wishes(&[20.0, 20.0]), &[10.0]), [15.0, 25.0]);
        assert_eq!(spread(&wishes(&[30.0, 0.0, 100.0]), &[10.0, 10.0]), [10.0, 20.0, 100.0]);
        assert_eq!(spread(&[(0.0, 3.0), (0.0, 1.0)], &[8.0]), [-2.0, 6.0]);
    }
}
