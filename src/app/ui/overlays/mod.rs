//! What lies over the rest of the window for a while.

pub mod class_names;
pub mod drop;
pub mod empty;
pub mod errors;
pub mod forgetting;
pub mod graph_facts;
pub mod input_size;
pub mod log;
pub mod method_page;
pub mod model_picker;
pub mod own_choices;
pub mod palette;
pub mod path_field;
pub mod sheet;
pub mod toasts;
pub mod trust;
pub mod welcome;
