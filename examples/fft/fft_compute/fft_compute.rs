//! The frequencies that a signal consists of.

use flowcore::{Result, RunAgain, Value, flow_output};
use flowmacro::flow_function;
use std::f64::consts::TAU;
use std::fmt::Write;

/// The width of the longest bar, in characters.
const BAR: usize = 40;

/// What is weaker than this part of the strongest frequency is not told in the text.
const FAINT: f64 = 0.02;

/// Gives the strength of each frequency, as numbers and as a text.
#[flow_function]
fn fft_compute(signal: &[Value], sample_rate: f64) -> Result<(Option<Value>, RunAgain)> {
    let samples = signal.iter().map(Value::as_f64).collect::<Option<Vec<f64>>>();
    let samples = samples.ok_or("a signal must consist of numbers")?;
    if samples.is_empty() {
        return Err("there is no signal".into());
    }
    if sample_rate.is_nan() || sample_rate <= 0.0 {
        return Err("the sample rate must be above 0".into());
    }
    let bins = spectrum(&samples);
    let text = text(&bins, samples.len(), sample_rate)?;
    flow_output!("text" => text, "bins" => bins)
}

/// The strength of each frequency that is a whole number of waves in the signal, up to half as many as it has samples.
fn spectrum(samples: &[f64]) -> Vec<f64> {
    let count = samples.len();
    let strength = |waves: usize| {
        let (mut re, mut im) = (0.0, 0.0);
        for (place, sample) in samples.iter().enumerate() {
            // The remainder keeps the angle small, and so exact.
            let angle = TAU * ((waves * place) % count) as f64 / count as f64;
            re += sample * angle.cos();
            im -= sample * angle.sin();
        }
        re.hypot(im) / count as f64
    };
    (0..count / 2).map(strength).collect()
}

fn text(bins: &[f64], count: usize, sample_rate: f64) -> Result<String> {
    let largest = bins.iter().copied().fold(0.0, f64::max);
    let mut text = format!("FFT Spectrum\nSignal: {count} samples at {sample_rate} Hz\n\n");
    writeln!(text, "Frequency   Magnitude\n{}", "-".repeat(BAR + 19))?;
    for (waves, strength) in bins.iter().enumerate().filter(|(_, strength)| **strength > FAINT * largest) {
        let frequency = waves as f64 * sample_rate / count as f64;
        let bar = "█".repeat((strength / largest * BAR as f64).round() as usize);
        writeln!(text, "{frequency:7.0} Hz  {bar:<BAR$}  {strength:.2}")?;
    }
    text.truncate(text.trim_end().len());
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use flowcore::Implementation;

    fn run(signal: Vec<f64>, sample_rate: f64) -> Result<Value> {
        let (output, _) = FftCompute.run(&[Value::from(signal), Value::from(sample_rate)])?;
        Ok(output.unwrap())
    }

    /// So many waves in 32 samples.
    fn waves(number: usize) -> Vec<f64> {
        (0..32).map(|place| (TAU * (number * place) as f64 / 32.0).sin()).collect()
    }

    #[test]
    fn a_wave_is_found_at_its_frequency_and_nowhere_else() {
        let output = run(waves(4), 3200.0).unwrap();
        let bins = output.get("bins").unwrap().as_array().unwrap();
        assert_eq!(bins.len(), 16);
        for (place, strength) in bins.iter().enumerate() {
            let expected = if place == 4 { 0.5 } else { 0.0 };
            assert!((strength.as_f64().unwrap() - expected).abs() < 1e-12, "{place}: {strength}");
        }
    }

    #[test]
    fn the_text_has_a_line_for_what_can_be_heard() {
        let output = run(waves(4), 3200.0).unwrap();
        let text = output.get("text").unwrap().as_str().unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[..3], ["FFT Spectrum", "Signal: 32 samples at 3200 Hz", ""]);
        assert_eq!(lines[5..], [format!("    400 Hz  {}  0.50", "█".repeat(40))]);
    }

    #[test]
    fn silence_has_no_frequency() {
        let output = run(vec![0.0; 8], 8.0).unwrap();
        assert_eq!(output.get("bins").unwrap().to_string(), "[0.0,0.0,0.0,0.0]");
        assert_eq!(output.get("text").unwrap().as_str().unwrap().lines().count(), 5);
    }

    #[test]
    fn without_signal_or_rate_it_is_an_error() {
        assert!(run(vec![], 8000.0).is_err());
        assert!(run(waves(1), 0.0).is_err());
        assert!(run(waves(1), -1.0).is_err());
    }
}
