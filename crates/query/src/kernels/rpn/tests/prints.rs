//! Lines that are written, by us and by the real rrdtool.

use super::oracle::{ROWS, create, rrdtool, values};
use super::{START_S, ask};
use model::memory::MemoryStore;
use model::{Kind, Labels};
use stdx::random::Random;

const ROUNDS: u64 = 6;
/// Lines of a round: what one was scaled by may matter to the next.
const LINES: usize = 60;
const DEFINED: &str = "CDEF:k=a,1234.5,* CDEF:m=b,0.00031,* CDEF:z=a,0,* CDEF:u=a,UNKN,* CDEF:g=b,7.1e9,* CDEF:i=a,0,*,INF,+ \
    VDEF:ka=k,AVERAGE VDEF:kx=k,MAXIMUM VDEF:kn=k,MINIMUM VDEF:ma=m,AVERAGE VDEF:mx=m,MAXIMUM VDEF:zx=z,MAXIMUM \
    VDEF:ux=u,MAXIMUM VDEF:gl=g,LAST VDEF:ga=g,STDEV VDEF:kp=k,90,PERCENTNAN";
const NAMES: [&str; 10] = ["ka", "kx", "kn", "ma", "mx", "zx", "ux", "gl", "ga", "kp"];

fn one<'a>(of: &[&'a str], random: &mut Random) -> &'a str {
    of[random.below(of.len() as u64) as usize]
}

fn print(random: &mut Random) -> String {
    let format = [
        one(&["", "max ", "%%", "a\\:b "], random),
        "%",
        one(&["", "", "", "-", "+", " ", "0", "#"], random),
        one(&["", "", "5", "12"], random),
        one(&["", ".0", ".1", ".2", ".5", ".9"], random),
        one(&["lf", "lf", "lf", "le", "lg", "lE", "lG"], random),
        one(&["", " ", "|"], random),
        one(&["", "%s", "%S", "%s"], random),
        one(&["", "b", " %% left"], random),
    ];
    let format = format.concat();
    match random.below(6) {
        0 => format!(
            "PRINT:{}:{}:{format}",
            one(&["k", "m", "g"], random),
            one(&["AVERAGE", "MIN", "MAX"], random)
        ),
        1 => format!("PRINT:{}:%d.%m. %H\\:%M\\:%S:strftime", one(&["kx", "kn", "gl"], random)),
        _ => format!("PRINT:{}:{format}", one(&NAMES, random)),
    }
}

#[test]
fn lines_are_written_as_by_rrdtool() {
    let folder = std::env::temp_dir().join(format!("windhover-prints-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let mut told = String::new();
    for seed in 0..ROUNDS {
        let mut random = Random::from_seed(seed);
        let mut columns = [values(&mut random), values(&mut random)];
        // Whether a row at an edge is drawn is not what is asked here.
        for column in &mut columns {
            for row in [0, 1, ROWS - 2, ROWS - 1] {
                column[row] = f64::NAN;
            }
        }
        let prints: Vec<String> = (0..LINES).map(|_| print(&mut random)).collect();
        let file = folder.join(format!("{seed}.rrd"));
        if create(&file, &columns).is_none() {
            println!("skipped: no `rrdtool` on this machine; `cargo xtask test` installs it");
            return;
        }
        let end = START_S + (ROWS as i64 - 1) * 60;
        let picture = folder.join("x.png").display().to_string();
        let mut all = vec!["graph".to_owned(), picture, "--start".to_owned(), (START_S - 60).to_string()];
        all.extend(["--end".to_owned(), end.to_string()]);
        all.extend(["a", "b"].map(|name| format!("DEF:{name}={}:{name}:AVERAGE", file.display())));
        all.extend(DEFINED.split_whitespace().map(str::to_owned));
        all.extend(prints.iter().cloned());
        let said = rrdtool(&all).unwrap();
        let wanted: Vec<&str> = said.lines().skip(1).collect();
        let store = MemoryStore::new();
        for (name, column) in ["a", "b"].iter().zip(&columns) {
            let labels = Labels::from_pairs([("__name__", *name)]).unwrap();
            let samples = column.iter().enumerate().map(|(row, v)| ((START_S + row as i64 * 60) * 1000, *v));
            store.insert(&labels, Kind::Gauge, samples.filter(|(_, value)| !value.is_nan()));
        }
        let quoted: Vec<String> = prints.iter().map(|print| format!("\"{print}\"")).collect();
        let text = format!("DEF:a=a:AVERAGE DEF:b=b:AVERAGE {DEFINED} {}", quoted.join(" "));
        let found = ask(&store, &text).unwrap();
        assert!(found.series.is_empty());
        assert_eq!(found.prints.len(), wanted.len());
        for ((print, found), wanted) in prints.iter().zip(&found.prints).zip(wanted) {
            if found != wanted {
                told += &format!("seed {seed}: {print}\n  {found:?}\n  {wanted:?}\n");
            }
        }
    }
    std::fs::remove_dir_all(&folder).ok();
    assert!(told.is_empty(), "{told}");
}

#[test]
fn formats_that_are_none_are_told() {
    let store = MemoryStore::new();
    for format in ["none", "%d", "%s", "%f", "%lf %lf", "%.lf", "%lf %", "%999lf", "%lf%s%s", "%--3lf"] {
        let text = format!("DEF:a=a:AVERAGE VDEF:m=a,MAXIMUM PRINT:m:\"{format}\"");
        let error = ask(&store, &text).unwrap_err();
        assert!(error.to_string().contains("not a format"), "{format}: {error}");
    }
    let error = ask(&store, "DEF:a=a:AVERAGE PRINT:a").unwrap_err();
    assert!(error.to_string().contains("a name and a format"), "{error}");
}
