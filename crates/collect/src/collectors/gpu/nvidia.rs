//! The question to `nvidia-smi` and its answer: a line for each card, values separated by commas.

use super::*;
use crate::inquiry::Findings;
use crate::program::{Program, ProgramError};
use crate::text::times;
use std::time::Duration;

/// Fields that drivers of the last ten years know; one it does not know makes nvidia-smi refuse the whole question.
const QUERY: &str = "--query-gpu=index,uuid,name,driver_version,utilization.gpu,utilization.memory,memory.total,\
                     memory.used,temperature.gpu,fan.speed,power.draw,power.limit,clocks.sm,clocks.mem,\
                     ecc.errors.corrected.volatile.total,ecc.errors.uncorrected.volatile.total";
/// The numbers from the fifth field on: place of the metric and units of ours in one.
const NUMBERS: [(usize, f64); 10] = [
    (UTILIZATION, 0.01),
    (MEMORY_UTILIZATION, 0.01),
    (MEMORY_TOTAL, MEBIBYTE),
    (MEMORY_USED, MEBIBYTE),
    (TEMPERATURE, 1.0),
    (FAN, 0.01),
    (POWER, 1.0),
    (POWER_LIMIT, 1.0),
    (CLOCK, 1e6),
    (MEMORY_CLOCK, 1e6),
];
const MEBIBYTE: f64 = 1024.0 * 1024.0;
const FACTS: usize = 4;
const KINDS: [&str; 2] = ["corrected", "uncorrected"];
/// A driver without its daemon loads itself for each question.
const WITHIN: Duration = Duration::from_secs(8);
const OUTPUT_BYTES_MAX: usize = 64 << 10;

pub(super) fn ask(run: &RunProgram) -> Result<Findings, String> {
    let arguments = [QUERY, "--format=csv,noheader,nounits"];
    let program = Program {
        name: "nvidia-smi",
        arguments: &arguments,
        within: WITHIN,
        output_bytes_max: OUTPUT_BYTES_MAX,
    };
    match run(&program) {
        Ok(output) if output.code == Some(0) => Ok(read(&String::from_utf8_lossy(&output.text))),
        // It says why on its output.
        Ok(output) => {
            Err(String::from_utf8_lossy(&output.text).lines().next().unwrap_or_default().to_owned())
        }
        Err(ProgramError::Missing) => {
            Ok(Findings::nothing("NVIDIA's driver is loaded, but nvidia-smi is not installed"))
        }
        Err(error) => Err(error.to_string()),
    }
}

fn read(text: &str) -> Findings {
    let mut findings = Findings::default();
    for line in text.lines() {
        let fields: Vec<&str> = line.split(',').map(str::trim).collect();
        if fields.len() != FACTS + NUMBERS.len() + KINDS.len() {
            continue;
        }
        let [index, gpu, model, driver] = [fields[0], fields[1], fields[2], fields[3]];
        findings.add(INFO, &[gpu, index, model, driver], 1.0);
        // What a card does not have is "[N/A]" or "[Not Supported]".
        let number = |field: &str| field.parse::<f64>().ok().filter(|value| value.is_finite());
        for ((metric, factor), field) in NUMBERS.into_iter().zip(&fields[FACTS..]) {
            findings.add_some(metric, &[gpu], number(field).map(|value| times(value, factor)));
        }
        for (kind, field) in KINDS.into_iter().zip(&fields[FACTS + NUMBERS.len()..]) {
            findings.add_some(MEMORY_ERRORS, &[gpu, kind], number(field));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::Output;
    use std::sync::Arc;

    #[test]
    fn what_a_card_does_not_have_is_left_out_and_lines_of_words_are_no_cards() {
        let findings = read(
            "0, GPU-1, Tesla T4, 535.1, 7, [N/A], 15360, 2, 40, [Not Supported], 25.5, 70.00, 585, 5000, 0, 3\nNo devices were found\n",
        );
        let mut wanted = Findings::default();
        wanted.add(INFO, &["GPU-1", "0", "Tesla T4", "535.1"], 1.0);
        for (metric, value) in [
            (UTILIZATION, 0.07),
            (MEMORY_TOTAL, 15360.0 * MEBIBYTE),
            (MEMORY_USED, 2.0 * MEBIBYTE),
            (TEMPERATURE, 40.0),
            (POWER, 25.5),
            (POWER_LIMIT, 70.0),
            (CLOCK, 585e6),
            (MEMORY_CLOCK, 5e9),
        ] {
            wanted.add(metric, &["GPU-1"], value);
        }
        wanted.add(MEMORY_ERRORS, &["GPU-1", "corrected"], 0.0);
        wanted.add(MEMORY_ERRORS, &["GPU-1", "uncorrected"], 3.0);
        assert_eq!(findings, wanted);
    }

    #[test]
    fn a_driver_that_is_broken_is_told() {
        let words = "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.";
        let run: RunProgram =
            Arc::new(move |_| Ok(Output { text: format!("{words}\nMore.\n").into_bytes(), code: Some(9) }));
        assert_eq!(ask(&run).unwrap_err(), words);
        let run: RunProgram = Arc::new(|_| Err(ProgramError::Missing));
        assert!(ask(&run).unwrap().remark.contains("not installed"));
    }
}
