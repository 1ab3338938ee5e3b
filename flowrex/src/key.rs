//! Making keys.

use flowrlib::keys::file::{self, KeyFileError};
use flowrlib::keys::{KEY_VARIABLE, default_place};
use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::Path;

/// Makes a key, and says how to bring it to other machines.
pub(crate) fn make(path: Option<&Path>) -> Result<(), KeyFileError> {
    let usual = default_place();
    let (path, is_usual) = match (path, usual) {
        (Some(path), usual) => (path.to_owned(), usual.is_ok_and(|usual| usual == path)),
        (None, usual) => (usual?, true),
    };
    let made = file::make(&path, &gethostname::gethostname().to_string_lossy())?;
    let (shown, id) = (path.display(), made.key.id());
    let mut text = format!(
        "A new key is in {shown} (its public id is {id}). Whoever has it can run jobs and flows: keep it secret.\n\
         Bring it to the other machines, to ~/.flow/key of those who are to use it, readable by them only:\n\
         \n    ssh OTHER 'umask 077 && mkdir -p ~/.flow && cat > ~/.flow/key' < {shown}\n\n\
         Programs that are running notice it when they are started again.\n"
    );
    if !is_usual {
        // A text takes whatever is written to it.
        writeln!(text, "Nobody looks for it there: name it with {KEY_VARIABLE}={shown}.").ok();
    }
    // A terminal that cannot be written to leaves nobody to tell.
    io::stdout().lock().write_all(text.as_bytes()).ok();
    Ok(())
}
