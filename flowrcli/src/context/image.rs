//! `context://image`: pictures, read as grey levels and written as PNG.

use super::file::write_whole;
use super::{inputs, text_of};
use flowcore::authoring::wrong_kind;
use flowcore::{FunctionError, Implementation, RUN_AGAIN, Result, RunAgain, Value, flow_output};
use image::codecs::png::PngEncoder;
use image::{ExtendedColorType, ImageEncoder, ImageFormat, ImageReader, Rgb, RgbImage};
use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The most pixels that a picture may have: a gigabyte of colours.
const MOST_PIXELS: u64 = (1 << 30) / 3;

/// Pictures that the flow makes. They are written when it ends.
#[derive(Default)]
pub(super) struct Pictures(Mutex<BTreeMap<String, RgbImage>>);

impl Pictures {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, RgbImage>> {
        // Whoever panicked left at worst a picture with a pixel less.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes all of them; tells what could not be written.
    pub(super) fn write(&self) -> Vec<String> {
        let pictures = std::mem::take(&mut *self.lock());
        let failures = pictures.iter().filter_map(|(name, picture)| {
            let failure =
                |error: &dyn std::fmt::Display| format!("cannot write the picture '{name}': {error}");
            let mut bytes = Vec::new();
            let (width, height) = picture.dimensions();
            let encoded =
                PngEncoder::new(&mut bytes).write_image(picture, width, height, ExtendedColorType::Rgb8);
            match encoded {
                Err(error) => Some(failure(&error)),
                Ok(()) => write_whole(Path::new(name), &bytes).err().map(|error| failure(&error)),
            }
        });
        failures.collect()
    }
}

/// A black picture of that size.
fn blank(width: u64, height: u64) -> Result<RgbImage> {
    let size = u32::try_from(width).ok().zip(u32::try_from(height).ok());
    match size.filter(|_| width.saturating_mul(height) <= MOST_PIXELS) {
        Some((width, height)) if width > 0 && height > 0 => Ok(RgbImage::new(width, height)),
        Some(_) => Err(format!("a picture of {width} x {height} pixels has none").into()),
        None => Err(format!("a picture of {width} x {height} pixels is too large").into()),
    }
}

/// As many whole numbers from 0 as were asked for.
fn whole_numbers<const N: usize>(
    input: &'static str,
    expected: &'static str,
    value: &Value,
) -> Result<[u64; N]> {
    let numbers: Option<Vec<u64>> =
        value.as_array().and_then(|elements| elements.iter().map(Value::as_u64).collect());
    numbers
        .and_then(|numbers| <[u64; N]>::try_from(numbers).ok())
        .ok_or_else(|| wrong_kind(input, expected, value))
}

/// `image/image_buffer`: one pixel.
pub(super) struct ImageBuffer(pub(super) Arc<Pictures>);

impl Implementation for ImageBuffer {
    fn run(&self, values: &[Value]) -> Result<(Option<Value>, RunAgain)> {
        let [pixel, colour, size, filename] = inputs(values)?;
        let [x, y] = whole_numbers("pixel", "an array of a column and a row, from 0", pixel)?;
        let colours: [u64; 3] = whole_numbers("value", "an array of red, green and blue", colour)?;
        let [width, height] = whole_numbers("size", "an array of a width and a height", size)?;
        let filename: &str = text_of("filename", filename)?;
        let [red, green, blue] = colours.map(|one| u8::try_from(one).ok());
        let (Some(red), Some(green), Some(blue)) = (red, green, blue) else {
            return Err(wrong_kind("value", "an array of numbers from 0 to 255", colour));
        };
        let mut pictures = self.0.lock();
        let picture = match pictures.get_mut(filename) {
            Some(picture) => picture,
            None => {
                let picture = blank(width, height)?;
                pictures.entry(filename.to_owned()).or_insert(picture)
            }
        };
        let (width, height) = picture.dimensions();
        let place = u32::try_from(x).ok().zip(u32::try_from(y).ok());
        match place.and_then(|(x, y)| picture.get_pixel_mut_checked(x, y)) {
            Some(found) => *found = Rgb([red, green, blue]),
            None => {
                return Err(outside(x, y, filename, width, height));
            }
        }
        Ok((None, RUN_AGAIN))
    }
}

fn outside(x: u64, y: u64, filename: &str, width: u32, height: u32) -> FunctionError {
    format!("the pixel [{x},{y}] lies outside of the picture '{filename}' of {width} x {height}").into()
}

/// `image/image_write`: a whole picture of grey levels.
pub(super) struct ImageWrite(pub(super) Arc<Pictures>);

impl Implementation for ImageWrite {
    fn run(&self, values: &[Value]) -> Result<(Option<Value>, RunAgain)> {
        let [grid, filename, width] = inputs(values)?;
        let filename: &str = text_of("filename", filename)?;
        let width = width.as_i64().ok_or_else(|| wrong_kind("width", "a whole number", width))?;
        let width = usize::try_from(width).unwrap_or(1).max(1);
        let cells = grid.as_array().ok_or_else(|| wrong_kind("grid", "an array", grid))?;
        let rows: Vec<&[Value]> = match cells.first() {
            Some(Value::Array(_)) => {
                cells.iter().map(|row| row.as_array().unwrap_or(std::slice::from_ref(row))).collect()
            }
            _ => cells.chunks(width).collect(),
        };
        let columns = rows.iter().map(|row| row.len()).max().unwrap_or(0);
        let mut picture = blank(columns as u64, rows.len() as u64)?;
        for (found, row) in picture.rows_mut().zip(&rows) {
            for (pixel, cell) in found.zip(row.iter()) {
                *pixel = Rgb([level(cell); 3]);
            }
        }
        self.0.lock().insert(filename.to_owned(), picture);
        Ok((None, RUN_AGAIN))
    }
}

/// A number as a grey level: the nearest there is, without its fraction.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it was brought between 0 and 255"
)]
fn level(cell: &Value) -> u8 {
    cell.as_f64().map_or(0, |number| number.clamp(0.0, 255.0) as u8)
}

/// `image/image_read`: a picture's grey levels.
pub(super) struct ImageRead;

impl Implementation for ImageRead {
    fn run(&self, values: &[Value]) -> Result<(Option<Value>, RunAgain)> {
        let [filename] = inputs(values)?;
        let filename: &str = text_of("filename", filename)?;
        let failure =
            |error: &dyn std::fmt::Display| format!("cannot read the picture '{filename}': {error}");
        let bytes = std::fs::read(filename).map_err(|error| failure(&error))?;
        let reader = ImageReader::with_format(Cursor::new(bytes), ImageFormat::Png);
        let picture = reader.decode().map_err(|error| failure(&error))?.into_rgb8();
        let (width, height) = (i64::from(picture.width()), i64::from(picture.height()));
        let pixels: Vec<Value> = picture.pixels().map(|pixel| Value::from(grey(*pixel))).collect();
        let row_length = usize::try_from(width).unwrap_or(1).max(1);
        let grid: Value = pixels.chunks(row_length).map(|row| Value::from(row.to_vec())).collect();
        let coords: Value = picture
            .enumerate_pixels()
            .map(|(x, y, pixel)| Value::from(vec![i64::from(x), i64::from(y), grey(*pixel)]))
            .collect();
        let with_end: Value = pixels.iter().cloned().chain([Value::Null]).collect();
        flow_output!(
            "pixels" => pixels,
            "pixels_eof" => with_end,
            "grid" => grid,
            "pixel_coords" => coords,
            "width" => width,
            "height" => height,
            "size" => vec![width, height]
        )
    }
}

/// The grey level of a colour, as bright as eyes see it.
fn grey(Rgb([red, green, blue]): Rgb<u8>) -> i64 {
    (2126 * i64::from(red) + 7152 * i64::from(green) + 722 * i64::from(blue)) / 10_000
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(texts: [&str; 3], filename: &str) -> Vec<Value> {
        let mut values: Vec<Value> = texts.iter().map(|text| text.parse().unwrap()).collect();
        values.push(Value::from(filename));
        values
    }

    fn pixels(path: &str) -> Vec<[u8; 3]> {
        image::open(path).unwrap().into_rgb8().pixels().map(|pixel| pixel.0).collect()
    }

    #[test]
    fn pixels_make_a_picture_that_is_black_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.png").display().to_string();
        let pictures = Arc::new(Pictures::default());
        let buffer = ImageBuffer(Arc::clone(&pictures));
        buffer.run(&values(["[1, 0]", "[255, 2, 3]", "[2, 2]"], &path)).unwrap();
        let error = buffer.run(&values(["[2, 0]", "[1, 2, 3]", "[9, 9]"], &path)).unwrap_err().to_string();
        assert!(error.contains("[2,0] lies outside") && error.ends_with("of 2 x 2"), "{error}");
        assert_eq!(pictures.write(), [""; 0]);
        assert_eq!(pixels(&path), [[0; 3], [255, 2, 3], [0; 3], [0; 3]]);
    }

    #[test]
    fn what_is_no_pixel_is_an_error_that_says_what_one_is() {
        let buffer = ImageBuffer(Arc::default());
        let error = |texts| buffer.run(&values(texts, "p.png")).unwrap_err().to_string();
        assert!(error(["[1]", "[1, 2, 3]", "[2, 2]"]).contains("a column and a row"));
        assert!(error(["[-1, 0]", "[1, 2, 3]", "[2, 2]"]).contains("from 0"));
        assert!(error(["[1, 1]", "[1, 2, 256]", "[2, 2]"]).contains("0 to 255"));
        assert!(error(["[1, 1]", "[1, 2, 3]", "[0, 2]"]).contains("has none"));
        assert!(error(["[1, 1]", "[1, 2, 3]", "[4294967295, 4294967295]"]).contains("too large"));
    }

    #[test]
    fn a_grey_picture_comes_in_rows_or_one_after_another() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.png").display().to_string();
        let pictures = Arc::new(Pictures::default());
        let write = ImageWrite(Arc::clone(&pictures));
        let run = |grid: &str, width: i64| {
            write.run(&[grid.parse().unwrap(), Value::from(path.as_str()), Value::from(width)]).unwrap();
            assert_eq!(pictures.write(), [""; 0]);
            pixels(&path).iter().map(|pixel| pixel[0]).collect::<Vec<_>>()
        };
        assert_eq!(run("[[0, 255], [300, -5]]", 0), [0, 255, 255, 0]);
        assert_eq!(run("[1.9, \"x\", 3]", 2), [1, 0, 3, 0]);
        assert_eq!(run("[7, 8]", 0), [7, 8]);
    }

    #[test]
    fn a_picture_is_read_as_it_looks_to_eyes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.png");
        let picture = RgbImage::from_raw(2, 1, vec![255, 0, 0, 255, 255, 255]).unwrap();
        picture.save(&path).unwrap();
        let (output, _) = ImageRead.run(&[Value::from(path.display().to_string())]).unwrap();
        assert_eq!(
            output.unwrap().to_string(),
            r#"{"grid":[[54,255]],"height":1,"pixel_coords":[[0,0,54],[1,0,255]],"pixels":[54,255],"pixels_eof":[54,255,null],"size":[2,1],"width":2}"#
        );
        std::fs::write(&path, "no picture").unwrap();
        let error = ImageRead.run(&[Value::from(path.display().to_string())]).unwrap_err().to_string();
        assert!(error.starts_with("cannot read the picture"), "{error}");
    }

    #[test]
    fn a_picture_that_cannot_be_written_is_told() {
        let pictures = Arc::new(Pictures::default());
        let write = ImageWrite(Arc::clone(&pictures));
        write.run(&["[1]".parse().unwrap(), Value::from("/none/p.png"), Value::from(1)]).unwrap();
        let failures = pictures.write();
        assert!(failures[0].starts_with("cannot write the picture '/none/p.png'"), "{failures:?}");
    }
}
