//! Open-Falcon's transfer on its telnet port: `update` lines. It never answers; `quit` ends the connection.

use crate::intake::Intake;
use crate::service::Peer;
use crate::text::Dialect;
use wire::protocols::falcon::telnet::Decoder;

/// See the module's text.
#[derive(Default)]
pub(crate) struct FalconTelnet(Decoder);

impl Dialect for FalconTelnet {
    fn lines(&mut self, lines: &[u8], peer: Peer, intake: &mut Intake, _out: &mut Vec<u8>) -> bool {
        let mut goes_on = true;
        intake.take(peer, |context, out| {
            let (report, more) = self.0.decode(lines, context, out);
            goes_on = more;
            report
        });
        goes_on
    }
}
