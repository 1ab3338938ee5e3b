//! Bars as pictures.

use flowcore::Value;
use std::iter::repeat_n;

/// The height of a chart, and of its highest bar.
pub(super) const ROWS: usize = 128;

/// The width of a chart, unless it has more bars.
pub(super) const COLUMNS: usize = 256;

const WHITE: i64 = 255;
const BLACK: i64 = 0;

/// The rows of a picture of bars of these heights, each so many columns wide.
pub(super) fn bars(heights: &[usize], width: usize) -> Value {
    let row = |from_bottom: usize| {
        let pixel = |height: &usize| if *height > from_bottom { BLACK } else { WHITE };
        heights.iter().flat_map(|height| repeat_n(pixel(height), width)).collect::<Value>()
    };
    (0..ROWS).rev().map(row).collect()
}
