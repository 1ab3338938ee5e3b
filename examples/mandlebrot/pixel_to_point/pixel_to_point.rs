//! From a pixel of a picture to the complex number that it stands for.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

/// Finds the number of a pixel; gives both.
#[flow_function]
fn pixel_to_point(bounds: &[Value], pixel: &[Value], size: &[Value]) -> Result<(Option<Value>, RunAgain)> {
    let [upper_left, lower_right] = bounds else { return Err("bounds must be two points".into()) };
    let (left, upper) = pair(upper_left.as_array())?;
    let (right, lower) = pair(lower_right.as_array())?;
    let (x, y) = pair(Some(pixel))?;
    let (width, height) = pair(Some(size))?;
    let re = left + x * ((right - left) / width);
    let im = upper - y * ((upper - lower) / height);
    let point = Value::from(vec![re, im]);
    flow_output!(vec![Value::from(pixel.to_vec()), point])
}

/// The numbers of an array of two.
fn pair(numbers: Option<&[Value]>) -> Result<(f64, f64)> {
    match numbers {
        Some([first, second]) => {
            first.as_f64().zip(second.as_f64()).ok_or("a pair must be of numbers".into())
        }
        _ => Err("a pair must have two numbers".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flowcore::Implementation;

    const BOUNDS: &str = "[[-1.0, 1.0], [1.0, -1.0]]";

    fn point(bounds: &str, pixel: &str, size: &str) -> Result<String> {
        let inputs = [bounds, pixel, size].map(|input| input.parse().unwrap());
        Ok(PixelToPoint.run(&inputs)?.0.unwrap().to_string())
    }

    #[test]
    fn the_first_pixel_is_the_upper_left_corner() {
        assert_eq!(point(BOUNDS, "[0, 0]", "[10, 10]").unwrap(), "[[0,0],[-1.0,1.0]]");
    }

    #[test]
    fn the_pixel_in_the_middle_is_the_number_in_the_middle() {
        assert_eq!(point(BOUNDS, "[5, 5]", "[10, 10]").unwrap(), "[[5,5],[0.0,0.0]]");
        assert_eq!(point("[[0, 0], [4, -8]]", "[1, 2]", "[2, 4]").unwrap(), "[[1,2],[2.0,-4.0]]");
    }

    #[test]
    fn what_is_no_pair_of_numbers_is_an_error() {
        assert!(point("[[0, 0]]", "[0, 0]", "[1, 1]").is_err());
        assert!(point(BOUNDS, "[0]", "[1, 1]").is_err());
        assert!(point(BOUNDS, "[0, \"0\"]", "[1, 1]").is_err());
    }
}
