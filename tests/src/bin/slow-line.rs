//! Passes on what goes to an address and back, each part a while after it has come: `slow-line LISTEN TO MILLISECONDS`.
//! Says where it listens.

#![expect(clippy::print_stdout, reason = "it says where it listens")]

use std::error::Error;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [listen, to, milliseconds] = &arguments[..] else {
        return Err("slow-line LISTEN TO MILLISECONDS".into());
    };
    let delay = Duration::from_millis(milliseconds.parse()?);
    let listener = TcpListener::bind(listen)?;
    println!("{}", listener.local_addr()?);
    for guest in listener.incoming() {
        let (guest, host) = (guest?, TcpStream::connect(to)?);
        pass(guest.try_clone()?, host.try_clone()?, delay);
        pass(host, guest, delay);
    }
    Ok(())
}

/// Passes on what comes until one of the two is closed.
fn pass(mut from: TcpStream, mut to: TcpStream, delay: Duration) {
    let (sender, under_way) = mpsc::channel::<(Instant, Vec<u8>)>();
    thread::spawn(move || {
        let mut bytes = [0; 1 << 16];
        while let Ok(count @ 1..) = from.read(&mut bytes) {
            let part = bytes.get(..count).unwrap_or_default().to_vec();
            if sender.send((Instant::now() + delay, part)).is_err() {
                break;
            }
        }
    });
    thread::spawn(move || {
        for (due, part) in under_way {
            thread::sleep(due.saturating_duration_since(Instant::now()));
            if to.write_all(&part).is_err() {
                break;
            }
        }
    });
}
