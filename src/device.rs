//! Where the model runs: CPU, CUDA or Metal.

use candle_core::Device;
use serde::{Deserialize, Serialize};

/// What a user may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeviceChoice {
    /// A GPU if this build knows one and the machine has it, else the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// The first CUDA card.
    Cuda,
    /// Apple's GPU.
    Metal,
}

/// A device, and why it is not the one asked for if it is not.
#[derive(Debug, Clone)]
pub struct PickedDevice {
    /// The device.
    pub device: Device,
    /// Why the CPU stands in, in one line.
    pub fallback: Option<String>,
}

impl DeviceChoice {
    /// Every choice.
    pub const ALL: [Self; 4] = [Self::Auto, Self::Cpu, Self::Cuda, Self::Metal];

    /// The name in flags.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
            Self::Metal => "metal",
        }
    }

    /// Opens the device; where it cannot be had the CPU stands in.
    pub fn pick(self) -> PickedDevice {
        let opened = match self {
            Self::Cpu => return PickedDevice { device: Device::Cpu, fallback: None },
            Self::Cuda => open_cuda(),
            Self::Metal => open_metal(),
            Self::Auto => match open_cuda().or_else(|_| open_metal()) {
                Ok(device) => Ok(device),
                Err(_) => return PickedDevice { device: Device::Cpu, fallback: None },
            },
        };
        match opened {
            Ok(device) => PickedDevice { device, fallback: None },
            Err(reason) => PickedDevice {
                device: Device::Cpu,
                fallback: Some(format!("The CPU is used, not {}: {reason}", self.title())),
            },
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Auto => "a GPU",
            Self::Cpu => "the CPU",
            Self::Cuda => "CUDA",
            Self::Metal => "Metal",
        }
    }
}

fn open_cuda() -> Result<Device, String> {
    if cfg!(feature = "cuda") {
        Device::new_cuda(0).map_err(|error| one_line(&error))
    } else {
        Err("this igoscope was built without it; build with `--features cuda`".to_owned())
    }
}

fn open_metal() -> Result<Device, String> {
    if cfg!(feature = "metal") {
        Device::new_metal(0).map_err(|error| one_line(&error))
    } else {
        Err("this igoscope was built without it; build with `--features metal` on a Mac".to_owned())
    }
}

/// Candle appends a backtrace to some of its messages.
fn one_line(error: &candle_core::Error) -> String {
    error.to_string().lines().next().unwrap_or("it could not be opened").to_owned()
}

/// A device in words, such as “CPU, 2 threads”.
pub fn describe(device: &Device, threads: usize) -> String {
    match device {
        Device::Cpu => format!("CPU, {threads} thread{}", if threads == 1 { "" } else { "s" }),
        Device::Cuda(_) => "CUDA".to_owned(),
        Device::Metal(_) => "Metal".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_this_build_lacks_falls_back_to_the_cpu_and_says_why() {
        if cfg!(not(feature = "cuda")) {
            let picked = DeviceChoice::Cuda.pick();
            assert!(matches!(picked.device, Device::Cpu));
            assert!(picked.fallback.is_some_and(|why| why.contains("--features cuda")));
        }
    }

    #[test]
    fn automatic_choice_never_complains() {
        assert_eq!(DeviceChoice::Auto.pick().fallback, None);
    }
}
