//! `context://image`: pictures, read as grey levels and written as PNG.

use super::file::write_whole;
use super::{inputs, text_of};
use flowcore::authoring::wrong_kind;
use flowcore::{FunctionError, Implementation, RUN_AGAIN, Result, RunAgain, Value, flow_output};
use png::{BitDepth, ColorType, Decoder, Encoder, Transformations};
use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The most pixels that a picture may have: a gigabyte of colours.
const MOST_PIXELS: u64 = (1 << 30) / 3;

/// A picture in memory: red, green and blue of each pixel, row by row.
struct Picture {
    width: u32,
    height: u32,
    bytes: Vec<u8>,
}

impl Picture {
    /// A black picture of that size.
    fn black(width: u64, height: u64) -> Result<Picture> {
        let size = u32::try_from(width).ok().zip(u32::try_from(height).ok());
        match size.filter(|_| width.saturating_mul(height) <= MOST_PIXELS) {
            Some((width, height)) if width > 0 && height > 0 => {
                let length = usize::try_from(u64::from(width) * u64::from(height) * 3).unwrap_or(usize::MAX);
                Ok(Picture { width, height, bytes: vec![0; length] })
            }
            Some(_) => Err(format!("a picture of {width} x {height} pixels has none").into()),
            None => Err(format!("a picture of {width} x {height} pixels is too large").into()),
        }
    }

    /// The bytes of a pixel; none outside of the picture.
    fn pixel_mut(&mut self, x: u64, y: u64) -> Option<&mut [u8]> {
        if x >= u64::from(self.width) || y >= u64::from(self.height) {
            return None;
        }
        let start = usize::try_from((y * u64::from(self.width) + x) * 3).ok()?;
        self.bytes.get_mut(start..start + 3)
    }

    /// The picture as a PNG file.
    fn encode(&self) -> std::result::Result<Vec<u8>, png::EncodingError> {
        let mut file = Vec::new();
        let mut encoder = Encoder::new(&mut file, self.width, self.height);
        encoder.set_color(ColorType::Rgb);
        encoder.set_depth(BitDepth::Eight);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.bytes)?;
        writer.finish()?;
        Ok(file)
    }

    /// The grey levels of a PNG file, and its width and height.
    fn decode_grey(file: Vec<u8>) -> std::result::Result<(Vec<i64>, u32, u32), DecodeError> {
        let mut decoder = Decoder::new(Cursor::new(file));
        decoder.set_transformations(Transformations::normalize_to_color8());
        let mut reader = decoder.read_info()?;
        let info = reader.info();
        if u64::from(info.width) * u64::from(info.height) > MOST_PIXELS {
            return Err(DecodeError::TooLarge);
        }
        let mut bytes = vec![0; reader.output_buffer_size().ok_or(DecodeError::TooLarge)?];
        let frame = reader.next_frame(&mut bytes)?;
        bytes.truncate(frame.buffer_size());
        // Transparency, where there is any, comes last.
        let size = frame.color_type.samples();
        let grey = |pixel: &[u8]| match *pixel {
            [grey] | [grey, _] => i64::from(grey),
            [red, green, blue, ..] => luminance([red, green, blue]),
            [] => 0,
        };
        Ok((bytes.chunks_exact(size.max(1)).map(grey).collect(), frame.width, frame.height))
    }
}

/// Why a picture cannot be read.
#[derive(Debug, thiserror::Error)]
enum DecodeError {
    #[error(transparent)]
    Png(#[from] png::DecodingError),
    #[error("it is too large")]
    TooLarge,
}

/// Pictures that the flow makes. They are written when it ends.
#[derive(Default)]
pub(super) struct Pictures(Mutex<BTreeMap<String, Picture>>);

impl Pictures {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Picture>> {
        // Whoever panicked left at worst a picture with a pixel less.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes all of them; tells what could not be written.
    pub(super) fn write(&self) -> Vec<String> {
        let pictures = std::mem::take(&mut *self.lock());
        let failures = pictures.iter().filter_map(|(name, picture)| {
            let failure =
                |error: &dyn std::fmt::Display| format!("cannot write the picture '{name}': {error}");
            match picture.encode() {
                Err(error) => Some(failure(&error)),
                Ok(file) => write_whole(Path::new(name), &file).err().map(|error| failure(&error)),
            }
        });
        failures.collect()
    }
}

/// As many whole numbers from 0 as were asked for.
fn whole_numbers<const N: usize>(
    input: &'static str,
    expected: &'static str,
    value: &Value,
) -> Result<[u64; N]> {
    let numbers = || {
        let elements: &[Value; N] = value.as_array()?.try_into().ok()?;
        let mut numbers = [0; N];
        for (number, element) in numbers.iter_mut().zip(elements) {
            *number = element.as_u64()?;
        }
        Some(numbers)
    };
    numbers().ok_or_else(|| wrong_kind(input, expected, value))
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
                let picture = Picture::black(width, height)?;
                pictures.entry(filename.to_owned()).or_insert(picture)
            }
        };
        let (width, height) = (picture.width, picture.height);
        match picture.pixel_mut(x, y) {
            Some(pixel) => pixel.copy_from_slice(&[red, green, blue]),
            None => return Err(outside(x, y, filename, width, height)),
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
        let mut picture = Picture::black(columns as u64, rows.len() as u64)?;
        for (y, row) in (0..).zip(&rows) {
            for (x, cell) in (0..).zip(row.iter()) {
                if let Some(pixel) = picture.pixel_mut(x, y) {
                    pixel.fill(level(cell));
                }
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
        let (levels, width, height) = Picture::decode_grey(bytes).map_err(|error| failure(&error))?;
        let (width, height) = (i64::from(width), i64::from(height));
        let coords: Value = (0..)
            .zip(&levels)
            .map(|(place, level)| Value::from(vec![place % width, place / width, *level]))
            .collect();
        let pixels: Vec<Value> = levels.into_iter().map(Value::from).collect();
        let row_length = usize::try_from(width).unwrap_or(1).max(1);
        let grid: Value = pixels.chunks(row_length).map(|row| Value::from(row.to_vec())).collect();
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
fn luminance([red, green, blue]: [u8; 3]) -> i64 {
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
        let mut reader = Decoder::new(Cursor::new(std::fs::read(path).unwrap())).read_info().unwrap();
        assert_eq!(reader.output_color_type(), (ColorType::Rgb, BitDepth::Eight));
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut bytes).unwrap();
        bytes.chunks(3).map(|pixel| pixel.try_into().unwrap()).collect()
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
        let picture = Picture { width: 2, height: 1, bytes: vec![255, 0, 0, 255, 255, 255] };
        std::fs::write(&path, picture.encode().unwrap()).unwrap();
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
