//! Gives the Windows program its icon, and has the program compiled again when its words change.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=assets/icons/igoscope.ico");
    // A translation that was added is found when the program is compiled.
    println!("cargo::rerun-if-changed=assets/text");
    #[cfg(windows)]
    if let Err(error) = winresource::WindowsResource::new().set_icon("assets/icons/igoscope.ico").compile() {
        println!("cargo::warning=the program has no icon: {error}");
    }
}
