//! The exports of a module. All that is unsafe about modules is in this file.

/// Makes a WebAssembly module of a function: everything that the two conventions of [`guest`](crate::guest) ask a module
/// to export, where the crate is compiled for `wasm32-unknown-unknown`, and nothing anywhere else.
///
/// `#[flow_function]` does this for a function that has a package of its own. A module of a function that comes from
/// another crate is made by a crate of the type `cdylib` that has nothing but this in it:
///
/// ```
/// # mod shapes {
/// #     pub struct Area;
/// #     impl flowcore::Implementation for Area {
/// #         fn run(&self, _: &[flowcore::Value]) -> flowcore::Result<(Option<flowcore::Value>, bool)> { Ok((None, true)) }
/// #     }
/// # }
/// flowcore::export_module!(shapes::Area);
/// ```
///
/// The argument is a constant that is an [`Implementation`](crate::Implementation). A module has one function: this can
/// be used once in everything that is linked.
///
/// What it makes also compiles in crates that forbid unsafe code.
#[macro_export]
macro_rules! export_module {
    ($function:expr) => {
        #[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
        const _: () = {
            use $crate::guest::exports;

            // SAFETY of all five names: nothing else in a module has one of them. None is a name of the C library, which
            // this target does not link, and what else is linked comes from Rust, whose names are mangled, unless it
            // makes a module too: that is an error of linking.
            #[unsafe(no_mangle)]
            extern "C" fn alloc(size: u32) -> u32 {
                exports::alloc(size)
            }

            #[unsafe(no_mangle)]
            extern "C" fn dealloc(offset: u32, _size: u32) {
                exports::dealloc(offset)
            }

            #[unsafe(no_mangle)]
            extern "C" fn flow_run(offset: u32, length: u32) -> i64 {
                exports::flow_run(&$function, offset, length)
            }

            #[unsafe(no_mangle)]
            extern "C" fn flow_panic() -> i64 {
                exports::flow_panic()
            }

            #[unsafe(no_mangle)]
            extern "C" fn run_wasm(offset: u32, length: u32) -> u32 {
                exports::run_wasm(&$function, offset, length)
            }
        };
    };
}
