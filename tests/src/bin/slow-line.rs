//! Passes on what goes to an address and back, each part a while after it has come, and no more of it at once than a line
//! of so many bytes a second brings (0 is any number): `slow-line MILLISECONDS BYTES LISTEN TO`. Says where it listens.

#![expect(clippy::print_stdout, reason = "it says where it listens")]

use std::error::Error;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [milliseconds, bytes_a_second, listen, to] = &arguments[..] else {
        return Err("slow-line MILLISECONDS BYTES LISTEN TO".into());
    };
    let (delay, bytes_a_second) = (Duration::from_millis(milliseconds.parse()?), bytes_a_second.parse()?);
    let listener = TcpListener::bind(listen)?;
    println!("{}", listener.local_addr()?);
    for guest in listener.incoming() {
        let (guest, host) = (guest?, TcpStream::connect(to)?);
        pass(guest.try_clone()?, host.try_clone()?, delay, bytes_a_second);
        pass(host, guest, delay, bytes_a_second);
    }
    Ok(())
}

/// The most that is passed on at once.
const PART: usize = 1 << 14;

/// Passes on what comes until one of the two is closed.
fn pass(mut from: TcpStream, mut to: TcpStream, delay: Duration, bytes_a_second: u32) {
    let (sender, under_way) = mpsc::channel::<(Instant, Vec<u8>)>();
    thread::spawn(move || {
        let mut bytes = [0; PART];
        while let Ok(count @ 1..) = from.read(&mut bytes) {
            let part = bytes.get(..count).unwrap_or_default().to_vec();
            if sender.send((Instant::now() + delay, part)).is_err() {
                break;
            }
        }
    });
    thread::spawn(move || {
        let mut is_free = Instant::now();
        for (due, part) in under_way {
            let seconds = part.len() as f64 / f64::from(bytes_a_second);
            let takes = if bytes_a_second > 0 { Duration::from_secs_f64(seconds) } else { Duration::ZERO };
            is_free = is_free.max(due) + takes;
            thread::sleep(is_free.saturating_duration_since(Instant::now()));
            if to.write_all(&part).is_err() {
                break;
            }
        }
    });
}
