//! How soon a complex number leaves the Mandelbrot set.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;

/// As many steps are taken at most; what has not left by then is counted as part of the set.
const STEPS: u8 = 255;

/// Counts the steps of a number; gives its pixel, and the count as a grey colour.
#[flow_function]
fn escapes(pixel_point: &[Value]) -> Result<(Option<Value>, RunAgain)> {
    let [pixel, point] = pixel_point else { return Err("must be a pixel and a point".into()) };
    let Some([re, im]) = point.as_array() else { return Err("a point must have two parts".into()) };
    let (re, im) = re.as_f64().zip(im.as_f64()).ok_or("the parts of a point must be numbers")?;
    let level = steps(re, im);
    flow_output!(vec![pixel.clone(), Value::from(vec![i64::from(level); 3])])
}

/// How many steps of z = z * z + c it takes until z is further than 2 from 0, beginning with z = c.
fn steps(re: f64, im: f64) -> u8 {
    let (mut x, mut y) = (re, im);
    for step in 0..STEPS {
        if x * x + y * y > 4.0 {
            return step;
        }
        (x, y) = (x * x - y * y + re, 2.0 * x * y + im);
    }
    STEPS
}

#[cfg(test)]
mod tests {
    use super::*;
    use flowcore::Implementation;

    #[test]
    fn zero_never_leaves() {
        assert_eq!(steps(0.0, 0.0), 255);
        assert_eq!(steps(-1.0, 0.0), 255);
    }

    #[test]
    fn what_is_outside_from_the_beginning_takes_no_step() {
        assert_eq!(steps(2.0, 0.1), 0);
        assert_eq!(steps(0.0, -3.0), 0);
    }

    #[test]
    fn one_leaves_after_two_steps() {
        // 1, 2, 5: the edge itself is not outside.
        assert_eq!(steps(1.0, 0.0), 2);
    }

    #[test]
    fn the_pixel_comes_along() {
        let input = "[[3, 4], [1.0, 0.0]]".parse().unwrap();
        assert_eq!(Escapes.run(&[input]).unwrap().0.unwrap().to_string(), "[[3,4],[2,2,2]]");
        assert!(Escapes.run(&["[[3, 4]]".parse().unwrap()]).is_err());
        assert!(Escapes.run(&["[[3, 4], [1]]".parse().unwrap()]).is_err());
    }
}
