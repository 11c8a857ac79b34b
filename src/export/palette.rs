//! The colours that methods have, in the window and in figures.

use crate::explain::MethodKind;

/// The colour of a method, red, green and blue. They are Okabe and Ito's (2008), which people with any kind of colour
/// vision tell apart; these three also stand out from dark and from light.
pub fn method_color(method: MethodKind) -> [u8; 3] {
    match method {
        MethodKind::Igos => [230, 159, 0],
        MethodKind::GradCam => [86, 180, 233],
        MethodKind::IntegratedGradients => [204, 121, 167],
    }
}
