//! One generation of the game of life.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

/// What a live cell is in a grid.
const ALIVE: i64 = 255;

/// As many cells a world may have.
const MOST_CELLS: usize = 1 << 24;

/// Worlds to begin with: live cells, relative to the middle.
const SEEDS: [(&str, &[(isize, isize)]); 4] = [
    ("glider", &[(0, -1), (1, 0), (-1, 1), (0, 1), (1, 1)]),
    ("blinker", &[(-1, 0), (0, 0), (1, 0)]),
    ("block", &[(0, 0), (1, 0), (0, 1), (1, 1)]),
    ("rpentomino", &[(0, -1), (1, -1), (-1, 0), (0, 0), (0, 1)]),
];

/// Gives the generation after this one.
#[flow_function]
fn game_step(grid: &Value, size: &[Value]) -> Result<(Option<Value>, RunAgain)> {
    let world = World::read(grid, size)?;
    flow_output!("grid" => world.next().into_rows())
}

/// Cells on a surface without edges: beyond the last column comes the first.
struct World {
    width: usize,
    height: usize,
    /// Row by row.
    alive: Vec<bool>,
}

impl World {
    fn read(grid: &Value, size: &[Value]) -> Result<World> {
        let [width, height] = size else { return Err("size must be width and height".into()) };
        let length = |value: &Value| {
            value.as_u64().and_then(|length| usize::try_from(length).ok()).filter(|one| *one > 0)
        };
        let (width, height) =
            length(width).zip(length(height)).ok_or("width and height must be whole numbers from 1")?;
        let cells =
            width.checked_mul(height).filter(|cells| *cells <= MOST_CELLS).ok_or("the world is too large")?;
        let mut world = World { width, height, alive: vec![false; cells] };
        match grid {
            Value::String(seed) => world.plant(seed),
            Value::Array(rows) => {
                // Rows one after another are the same, with or without arrays around them.
                let cells = rows.iter().flat_map(|row| row.as_array().unwrap_or(std::slice::from_ref(row)));
                for (cell, alive) in cells.zip(&mut world.alive) {
                    *alive = cell.as_f64().is_some_and(|level| level != 0.0);
                }
            }
            _ => return Err("a grid must be rows of cells, or the name of what to begin with".into()),
        }
        Ok(world)
    }

    /// Brings cells to life; an unknown name is a single cell.
    fn plant(&mut self, seed: &str) {
        let cells = SEEDS.iter().find(|(name, _)| *name == seed).map_or(&[(0, 0)][..], |(_, cells)| cells);
        for (x, y) in cells {
            let (x, y) = (wrapped(self.width / 2, *x, self.width), wrapped(self.height / 2, *y, self.height));
            if let Some(cell) = self.alive.get_mut(y * self.width + x) {
                *cell = true;
            }
        }
    }

    fn is_alive(&self, x: usize, y: usize) -> bool {
        self.alive.get(y * self.width + x).copied().unwrap_or_default()
    }

    fn next(&self) -> World {
        let mut alive = Vec::with_capacity(self.alive.len());
        for y in 0..self.height {
            for x in 0..self.width {
                let neighbours = self.neighbours(x, y);
                alive.push(neighbours == 3 || neighbours == 2 && self.is_alive(x, y));
            }
        }
        World { alive, ..*self }
    }

    fn neighbours(&self, x: usize, y: usize) -> usize {
        let around = (-1..=1).flat_map(|dy| (-1..=1).map(move |dx| (dx, dy))).filter(|step| *step != (0, 0));
        let is_alive = |(dx, dy): &(isize, isize)| {
            self.is_alive(wrapped(x, *dx, self.width), wrapped(y, *dy, self.height))
        };
        around.filter(is_alive).count()
    }

    fn into_rows(self) -> Value {
        let level = |alive: &bool| Value::from(if *alive { ALIVE } else { 0 });
        let row = |row: &[bool]| Value::from(row.iter().map(level).collect::<Vec<_>>());
        Value::from(self.alive.chunks(self.width).map(row).collect::<Vec<_>>())
    }
}

/// The place some steps from another, where the end leads back to the beginning.
fn wrapped(place: usize, step: isize, length: usize) -> usize {
    (place + length).saturating_add_signed(step) % length
}

#[cfg(test)]
mod tests {
    use super::*;
    use flowcore::Implementation;

    /// The generations after a grid, with a letter for each live cell.
    fn after(generations: usize, grid: &str, width: usize, height: usize) -> String {
        let size = Value::from(vec![width as i64, height as i64]);
        let mut grid: Value = grid.parse().unwrap();
        for _ in 0..generations {
            let (output, _) = GameStep.run(&[grid, size.clone()]).unwrap();
            grid = output.unwrap().get("grid").unwrap().clone();
        }
        let letter = |cell: &Value| if cell.as_i64() == Some(ALIVE) { '#' } else { '.' };
        let row = |row: &Value| row.as_array().unwrap().iter().map(letter).collect::<String>();
        grid.as_array().unwrap().iter().map(row).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_blinker_turns() {
        assert_eq!(after(1, "\"blinker\"", 5, 5), "..... ..#.. ..#.. ..#.. .....");
        assert_eq!(after(2, "\"blinker\"", 5, 5), "..... ..... .###. ..... .....");
    }

    #[test]
    fn a_block_stays_and_a_single_cell_dies() {
        assert_eq!(after(3, "\"block\"", 4, 4), ".... .... ..## ..##");
        assert_eq!(after(1, "\"unknown\"", 3, 3), "... ... ...");
    }

    #[test]
    fn a_glider_comes_back_to_where_it_was() {
        // Four generations move it by one cell in both directions.
        assert_eq!(after(4 * 6, "\"glider\"", 6, 6), "...... ...... ...#.. ....#. ..###. ......");
    }

    #[test]
    fn rows_may_come_one_after_another() {
        let rows = "[[0,0,0,0,0],[0,0,1,0,0],[0,0,1,0,0],[0,0,1,0,0],[0,0,0,0,0]]";
        let flat = "[0,0,0,0,0,0,0,1,0,0,0,0,1,0,0,0,0,1]";
        assert_eq!(after(1, rows, 5, 5), "..... ..... .###. ..... .....");
        assert_eq!(after(1, flat, 5, 5), after(1, rows, 5, 5));
    }

    #[test]
    fn a_size_that_is_none_is_an_error() {
        let step = |size: &str| GameStep.run(&[Value::from("block"), size.parse().unwrap()]);
        for size in ["[3]", "[3, 0]", "[3, -1]", "[1.5, 2]", "[1000000, 1000000]"] {
            assert!(step(size).is_err(), "{size}");
        }
        assert!(GameStep.run(&[Value::Null, "[3, 3]".parse().unwrap()]).is_err());
    }
}
