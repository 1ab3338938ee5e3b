//! The web of the pages: a directory that a server on this machine gives away.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};

/// Where the pages say that the server is.
pub(crate) const SHOWN: &str = "127.0.0.1:28000";

/// Serves the files below a directory until the tests end. Gives where.
pub(crate) fn serve(directory: &Path) -> String {
    let directory = PathBuf::from(directory);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            // Whoever asked and went away is not waited for.
            stream.and_then(|stream| answer(stream, &directory)).ok();
        }
    });
    address
}

fn answer(mut stream: TcpStream, directory: &Path) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let first = lines.next().transpose()?.unwrap_or_default();
    for line in lines {
        if line?.is_empty() {
            break;
        }
    }
    let mut words = first.split(' ');
    let is_get = words.next() == Some("GET");
    let path = words.next().unwrap_or_default().trim_start_matches('/');
    let (status, text) = match std::fs::read_to_string(directory.join(path)) {
        Ok(text) => ("200 OK", text),
        Err(_) if path.starts_with("broken") => ("503 Service Unavailable", String::new()),
        Err(_) => ("404 Not Found", String::new()),
    };
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", text.len());
    stream.write_all(head.as_bytes())?;
    stream.write_all(if is_get { text.as_bytes() } else { b"" })?;
    stream.shutdown(std::net::Shutdown::Write)?;
    // Until the other side has read everything.
    stream.read_to_end(&mut Vec::new()).map(|_| ())
}
