//! The bars across the window, and the menus that hang from them.

pub mod device_menu;
pub mod recent_menu;
pub mod save_menu;
pub mod status_bar;
pub mod top_bar;
pub mod window_menu;
