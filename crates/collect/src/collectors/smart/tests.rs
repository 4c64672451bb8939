use super::*;
use std::sync::Mutex;
use stdx::random::Random;

fn machine() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/hosts/iron-6.8")
}

#[test]
fn sleeping_and_forbidden_disks_are_told() {
    let asked = std::sync::Arc::new(Mutex::new(Vec::new()));
    let kept = asked.clone();
    let run: RunProgram = std::sync::Arc::new(move |program| {
        kept.lock().unwrap().push(program.arguments.join(" "));
        let text = match program.arguments.last().copied() {
            Some("--scan") => {
                r#"{"devices":[{"name":"/dev/sda","info_name":"/dev/sda [SAT]","type":"sat","protocol":"ATA"},
                    {"name":"/dev/sdb","type":"sat"},{"name":"--evil","type":"x"},
                    {"name":"/dev/bus/0","type":"megaraid,3"}]}"#
            }
            Some("/dev/sda") => {
                r#"{"smartctl":{"messages":[{"string":"Device is in STANDBY mode, exit(2)","severity":"information"}]}}"#
            }
            Some("/dev/bus/0") => r#"{"model_name":"X","smart_status":{"passed":false}}"#,
            _ => {
                r#"{"smartctl":{"messages":[{"string":"Smartctl open device: /dev/sdb failed: Permission denied","severity":"error"}]}}"#
            }
        };
        Ok(Output { text: text.as_bytes().to_vec(), code: Some(0) })
    });
    let findings = ask(&run).unwrap();
    let why = "smartctl of /dev/sdb: Smartctl open device: /dev/sdb failed: Permission denied";
    let mut wanted = Findings::nothing(why);
    wanted.add(STANDBY, &["sda"], 1.0);
    wanted.add(STANDBY, &["sdb"], 0.0);
    wanted.add(HEALTHY, &["bus/0 megaraid,3"], 0.0);
    wanted.add(INFO, &["bus/0 megaraid,3", "X", "", "", ""], 1.0);
    wanted.add(STANDBY, &["bus/0 megaraid,3"], 0.0);
    assert_eq!(findings, wanted);
    assert_eq!(asked.lock().unwrap()[1], "--json --all --nocheck=standby --device=sat /dev/sda");
}

#[test]
fn without_the_program_nothing_is_said() {
    let run: RunProgram = std::sync::Arc::new(|_| Err(ProgramError::Missing));
    assert_eq!(ask(&run).unwrap(), Findings::default());
}

#[test]
fn spoiled_answers_never_panic() {
    let names = ["sat_-dev-sda", "nvme_-dev-nvme0", "scsi_-dev-sdc"];
    let mut random = Random::from_seed(5);
    for name in names {
        let path =
            machine().join(format!("programs/smartctl_--json_--all_--nocheck=standby_--device={name}"));
        let text = std::fs::read(path).unwrap();
        for _ in 0..300 {
            let mut spoiled = text.clone();
            for _ in 0..1 + random.below(5) {
                let at = random.below(spoiled.len() as u64) as usize;
                spoiled[at] = b" \n\"{}[],:0-e\xff"[random.below(13) as usize];
            }
            let device = scan::Device { name: "/dev/sda".to_owned(), kind: "sat".to_owned() };
            let _ = report::read(&device, &spoiled, &mut Findings::default());
            let _ = scan::devices(&spoiled);
        }
    }
}
