//! Modules: whatever the bytes, they are none, or one whose jobs end within their limits.
#![no_main]

use flowcore::{Implementation, Value};
use flowrlib::executor::{ModuleLimits, WasmFunction};
use flowrlib::modules::ModuleFile;
use libfuzzer_sys::fuzz_target;
use std::borrow::Cow;
use std::time::Duration;

fuzz_target!(|bytes: &[u8]| {
    // The first inputs are text, since that is what people can read.
    let module = wat::parse_bytes(bytes).unwrap_or(Cow::Borrowed(bytes));
    let limits = ModuleLimits {
        memory: 16 << 20,
        result: 1 << 20,
        time: Some(Duration::from_millis(20)),
        fresh: true,
    };
    let function = WasmFunction::new(ModuleFile::new(module.into_owned()), limits);
    match function.prepare() {
        Ok(()) => {
            for input in [Value::from(7), Value::from("text"), Value::from(vec![Value::Null])] {
                function.run(&[input]).ok();
            }
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
});
