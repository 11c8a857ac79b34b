//! Gives the Windows program its icon; does nothing elsewhere.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=assets/icons/igoscope.ico");
    #[cfg(windows)]
    if let Err(error) = winresource::WindowsResource::new().set_icon("assets/icons/igoscope.ico").compile() {
        println!("cargo::warning=the program has no icon: {error}");
    }
}
