//! Where the model runs: CPU, CUDA or Metal, and in which numbers.

use std::{fmt, str::FromStr};

use candle_core::{DType, Device, DeviceLocation};
use serde::{Deserialize, Serialize};

/// What a user may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum DeviceChoice {
    /// A GPU if this build knows one and the machine has it, else the CPU.
    #[default]
    Auto,
    /// The CPU.
    Cpu,
    /// A CUDA card, by its number from 0.
    Cuda(usize),
    /// Apple's GPU.
    Metal,
}

/// The numbers that a GPU computes with. The CPU's kernels have single precision only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    /// Single precision.
    #[default]
    F32,
    /// Half precision: 11 bits, up to 65 504.
    F16,
    /// Brain floating point: 8 bits, with the range of single precision.
    Bf16,
}

/// A device, and the numbers it computes with.
#[derive(Debug, Clone)]
pub struct Place {
    /// The device.
    pub device: Device,
    /// The numbers of weights and maps; softmax and scores are in single precision always.
    pub precision: Precision,
}

/// A device, and why it is not the one asked for if it is not.
#[derive(Debug, Clone)]
pub struct PickedDevice {
    /// The device and its numbers.
    pub place: Place,
    /// Why something else than what was asked for stands in, in one line.
    pub fallback: Option<String>,
}

/// A device to choose, or why it cannot be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceEntry {
    /// How to ask for it.
    pub choice: DeviceChoice,
    /// What it is called.
    pub title: String,
    /// Why it cannot be had, in one line.
    pub unavailable: Option<String>,
}

impl DeviceChoice {
    /// Opens the device, for numbers of some precision; where it cannot be had the CPU stands in.
    pub fn pick(self, precision: Precision) -> PickedDevice {
        let opened = match self {
            Self::Cpu => Ok(Device::Cpu),
            Self::Cuda(ordinal) => open_cuda(ordinal),
            Self::Metal => open_metal(),
            Self::Auto if cfg!(feature = "cuda") => open_cuda(0),
            Self::Auto if cfg!(feature = "metal") => open_metal(),
            Self::Auto => Ok(Device::Cpu),
        };
        let (device, fallback) = match opened {
            Ok(device) => (device, None),
            Err(reason) => (Device::Cpu, Some(format!("The CPU is used, not {}: {reason}", self.title()))),
        };
        let (precision, why) = match device {
            Device::Cpu if precision != Precision::F32 => {
                let why = format!("The CPU computes in single precision only, not in {}", precision.name());
                (Precision::F32, Some(why))
            }
            _ => (precision, None),
        };
        PickedDevice { place: Place { device, precision }, fallback: fallback.or(why) }
    }

    /// How to ask for a device that is open.
    pub fn of(device: &Device) -> Self {
        match device.location() {
            DeviceLocation::Cpu => Self::Cpu,
            DeviceLocation::Cuda { gpu_id } => Self::Cuda(gpu_id),
            DeviceLocation::Metal { .. } => Self::Metal,
        }
    }

    fn title(self) -> String {
        match self {
            Self::Auto => "a GPU".to_owned(),
            Self::Cpu => "the CPU".to_owned(),
            Self::Cuda(0) => "CUDA".to_owned(),
            Self::Cuda(ordinal) => format!("CUDA card {ordinal}"),
            Self::Metal => "Metal".to_owned(),
        }
    }
}

/// The name in flags and JSON: `auto`, `cpu`, `cuda`, `cuda:1`, `metal`.
impl fmt::Display for DeviceChoice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => formatter.write_str("auto"),
            Self::Cpu => formatter.write_str("cpu"),
            Self::Cuda(0) => formatter.write_str("cuda"),
            Self::Cuda(ordinal) => write!(formatter, "cuda:{ordinal}"),
            Self::Metal => formatter.write_str("metal"),
        }
    }
}

impl FromStr for DeviceChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "cuda" => Ok(Self::Cuda(0)),
            "metal" => Ok(Self::Metal),
            _ => match text.strip_prefix("cuda:").map(str::parse) {
                Some(Ok(ordinal)) => Ok(Self::Cuda(ordinal)),
                _ => Err("there are auto, cpu, cuda, cuda:1 (another card, by its number from 0), metal".to_owned()),
            },
        }
    }
}

impl TryFrom<String> for DeviceChoice {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<DeviceChoice> for String {
    fn from(choice: DeviceChoice) -> Self {
        choice.to_string()
    }
}

impl Precision {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::F32, Self::F16, Self::Bf16];

    /// The name in flags and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::F16 => "f16",
            Self::Bf16 => "bf16",
        }
    }

    /// Candle's type of these numbers.
    pub fn dtype(self) -> DType {
        match self {
            Self::F32 => DType::F32,
            Self::F16 => DType::F16,
            Self::Bf16 => DType::BF16,
        }
    }
}

/// A device, in single precision.
impl From<&Device> for Place {
    fn from(device: &Device) -> Self {
        Self { device: device.clone(), precision: Precision::F32 }
    }
}

/// Every device that can be chosen, the CPU first; those that cannot be had say why. No device is opened, but drivers are
/// asked: this may take a tenth of a second.
pub fn devices() -> Vec<DeviceEntry> {
    let mut entries = vec![DeviceEntry { choice: DeviceChoice::Cpu, title: "CPU".to_owned(), unavailable: None }];
    match cuda_cards() {
        Ok(names) => entries.extend(names.into_iter().enumerate().map(|(ordinal, title)| DeviceEntry {
            choice: DeviceChoice::Cuda(ordinal),
            title,
            unavailable: None,
        })),
        Err(why) => entries.push(DeviceEntry {
            choice: DeviceChoice::Cuda(0),
            title: "CUDA".to_owned(),
            unavailable: Some(why),
        }),
    }
    let unavailable = if cfg!(feature = "metal") { None } else { Some(NO_METAL.to_owned()) };
    entries.push(DeviceEntry { choice: DeviceChoice::Metal, title: "Metal".to_owned(), unavailable });
    entries
}

const NO_CUDA: &str = "this igoscope was built without it; build with `--features cuda`";

const NO_METAL: &str = "this igoscope was built without it; build with `--features metal` on a Mac";

/// The names of the CUDA cards, by their numbers.
#[cfg(feature = "cuda")]
fn cuda_cards() -> Result<Vec<String>, String> {
    use candle_core::cuda_backend::cudarc::driver::result::{self, device};
    let asked = guarded(|| {
        result::init()?;
        (0..device::get_count()?).map(|ordinal| device::get_name(device::get(ordinal)?)).collect::<Result<Vec<_>, _>>()
    });
    match asked {
        Ok(Ok(names)) if names.is_empty() => Err("the driver knows no card".to_owned()),
        Ok(Ok(names)) => Ok(names),
        Ok(Err(error)) => Err(format!("the driver says {error}")),
        Err(why) => Err(why),
    }
}

#[cfg(not(feature = "cuda"))]
fn cuda_cards() -> Result<Vec<String>, String> {
    Err(NO_CUDA.to_owned())
}

fn open_cuda(ordinal: usize) -> Result<Device, String> {
    if cfg!(feature = "cuda") {
        guarded(|| Device::new_cuda(ordinal))?.map_err(|error| one_line(&error))
    } else {
        Err(NO_CUDA.to_owned())
    }
}

fn open_metal() -> Result<Device, String> {
    if cfg!(feature = "metal") {
        guarded(|| Device::new_metal(0))?.map_err(|error| one_line(&error))
    } else {
        Err(NO_METAL.to_owned())
    }
}

/// The libraries that drive devices may panic where there is none.
fn guarded<T>(ask: impl FnOnce() -> T) -> Result<T, String> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(ask))
        .map_err(|_| "there is none, or its driver is not installed".to_owned())
}

/// Candle appends a backtrace to some of its messages.
fn one_line(error: &candle_core::Error) -> String {
    error.to_string().lines().next().unwrap_or("it could not be opened").to_owned()
}

/// What `place` is in words, such as “CPU, 2 threads” or “NVIDIA H100, f16”.
pub fn describe(place: &Place, threads: usize) -> String {
    let name = match place.device.location() {
        DeviceLocation::Cpu => return format!("CPU, {threads} thread{}", if threads == 1 { "" } else { "s" }),
        DeviceLocation::Cuda { gpu_id } => {
            cuda_cards().ok().and_then(|mut names| (gpu_id < names.len()).then(|| names.swap_remove(gpu_id)))
        }
        DeviceLocation::Metal { .. } => Some("Metal".to_owned()),
    };
    let name = name.unwrap_or_else(|| "CUDA".to_owned());
    match place.precision {
        Precision::F32 => name,
        precision => format!("{name}, {}", precision.name()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_this_build_lacks_falls_back_to_the_cpu_and_says_why() {
        if cfg!(not(feature = "cuda")) {
            let picked = DeviceChoice::Cuda(0).pick(Precision::F16);
            assert!(matches!(picked.place, Place { device: Device::Cpu, precision: Precision::F32 }));
            assert!(picked.fallback.is_some_and(|why| why.contains("--features cuda")));
            let cuda = devices().into_iter().find(|entry| entry.choice == DeviceChoice::Cuda(0)).unwrap();
            assert!(cuda.unavailable.is_some_and(|why| why.contains("--features cuda")));
        }
    }

    #[test]
    fn automatic_choice_complains_only_where_a_gpu_was_built_for() {
        let picked = DeviceChoice::Auto.pick(Precision::F32);
        assert!(picked.fallback.is_none() || cfg!(any(feature = "cuda", feature = "metal")));
    }

    #[test]
    fn the_cpu_says_that_it_has_single_precision_only() {
        let picked = DeviceChoice::Cpu.pick(Precision::Bf16);
        assert_eq!(picked.place.precision, Precision::F32);
        assert!(picked.fallback.is_some_and(|why| why.contains("bf16")));
        assert_eq!(devices()[0], DeviceEntry { choice: DeviceChoice::Cpu, title: "CPU".to_owned(), unavailable: None });
    }

    #[test]
    fn a_choice_is_read_as_it_is_written() {
        for choice in
            [DeviceChoice::Auto, DeviceChoice::Cpu, DeviceChoice::Cuda(0), DeviceChoice::Cuda(3), DeviceChoice::Metal]
        {
            assert_eq!(choice.to_string().parse(), Ok(choice));
            assert_eq!(serde_json::from_str::<DeviceChoice>(&serde_json::to_string(&choice).unwrap()).unwrap(), choice);
        }
        for wrong in ["gpu", "cuda:", "cuda:x", "cuda:-1", ""] {
            assert!(wrong.parse::<DeviceChoice>().is_err_and(|why| why.contains("cuda:1")), "{wrong}");
        }
    }
}
