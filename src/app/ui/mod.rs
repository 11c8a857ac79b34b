//! What is drawn: each panel is a file with one `…_ui` function.

pub mod bars;
pub mod charts;
pub mod overlays;
pub mod side;
pub mod table;
pub mod wall;
pub mod widgets;
