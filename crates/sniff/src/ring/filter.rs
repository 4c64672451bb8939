//! The program that the kernel runs for each packet (classic BPF): TCP to or from a watched port, with data or a word
//! about begin or end. Acknowledgements alone, half of all packets on many networks, never reach us.
//! Source: `Documentation/networking/filter.rst` of the kernel.

/// One instruction, as in `struct sock_filter`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Instruction {
    /// What to do.
    pub code: u16,
    /// How many instructions to pass over when a comparison holds.
    pub if_true: u8,
    /// How many when it does not.
    pub if_false: u8,
    /// Number or place.
    pub operand: u32,
}

/// Codes, named as in the kernel's text: load (`LD`, `LDX`), from the packet (`ABS`, `IND` with X added), of four, two
/// and one bytes (`W`, `H`, `B`).
const LD_W_LEN: u16 = 0x80;
const LD_W_ABS: u16 = 0x20;
const LD_H_ABS: u16 = 0x28;
const LD_B_ABS: u16 = 0x30;
const LD_H_IND: u16 = 0x48;
const LD_B_IND: u16 = 0x50;
const LDX_IMM: u16 = 0x01;
/// X = four times the lower half of a byte: the length of an IPv4 header.
const LDX_MSH: u16 = 0xb1;
const LDX_MEM: u16 = 0x61;
const ST: u16 = 0x02;
const STX: u16 = 0x03;
const ADD_K: u16 = 0x04;
const LSH_K: u16 = 0x64;
const ADD_X: u16 = 0x0c;
const SUB_X: u16 = 0x1c;
const AND_K: u16 = 0x54;
const RSH_K: u16 = 0x74;
const TAX: u16 = 0x07;
const JUMP: u16 = 0x05;
const JEQ: u16 = 0x15;
const JGT: u16 = 0x25;
const JSET: u16 = 0x45;
const RET: u16 = 0x06;

/// Words about the packet that are not in it: added to this.
const ABOUT: u32 = 0xffff_f000;
const PROTOCOL: u32 = ABOUT;
const PACKET_TYPE: u32 = ABOUT + 4;
const INTERFACE: u32 = ABOUT + 8;
const OUTGOING: u32 = 4;

const IPV4: u32 = 0x0800;
const IPV6: u32 = 0x86dd;
const VLANS: [u32; 2] = [0x8100, 0x88a8];
const TCP: u32 = 6;
/// IPv6 headers that may stand before TCP's and count their length alike: hop by hop, routing, for the destination.
const EXTENSIONS: [u32; 3] = [0, 43, 60];
/// Most of them in a packet that is kept: the program cannot go back, each is a part of its own.
const EXTENSIONS_MAX: usize = 3;
const FIN_SYN_RST: u32 = 0x07;

const fn one(code: u16, operand: u32) -> Instruction {
    Instruction { code, if_true: 0, if_false: 0, operand }
}

/// Passes over `if_true` or `if_false` instructions.
const fn branch(code: u16, operand: u32, if_true: u8, if_false: u8) -> Instruction {
    Instruction { code, if_true, if_false, operand }
}

/// Goes on when the comparison holds, refuses the packet when not.
fn must(program: &mut Vec<Instruction>, code: u16, operand: u32) {
    program.extend([branch(code, operand, 1, 0), one(RET, 0)]);
}

/// A program that keeps `snap` bytes of packets of these ports. It reads packets from their IP header on, as
/// `SOCK_DGRAM` gives them. `loopback` is the number of the interface on which each packet would be seen twice.
pub fn program(ports: &[u16], loopback: i32, snap: u32) -> Vec<Instruction> {
    let mut program = vec![
        // On the loopback interface what goes out comes in again.
        one(LD_W_ABS, INTERFACE),
        branch(JEQ, loopback.cast_unsigned(), 0, 3),
        one(LD_W_ABS, PACKET_TYPE),
        branch(JEQ, OUTGOING, 0, 1),
        one(RET, 0),
        one(LD_H_ABS, PROTOCOL),
    ];
    version(&mut program, ports, snap, 0);
    // Tags that were not taken off stand before the IP header: two bytes of tag, two of the type that follows.
    program.extend([branch(JEQ, VLANS[0], 2, 0), branch(JEQ, VLANS[1], 1, 0), one(RET, 0)]);
    program.push(one(LD_H_ABS, 2));
    version(&mut program, ports, snap, 4);
    program.push(one(RET, 0));
    program
}

/// With the type in A: runs the part for IPv4 or IPv6, both of which end the program; goes on for anything else.
fn version(program: &mut Vec<Instruction>, ports: &[u16], snap: u32, at: u32) {
    for (kind, part) in [(IPV4, ipv4(ports, snap, at)), (IPV6, ipv6(ports, snap, at))] {
        program.push(branch(JEQ, kind, 1, 0));
        program.push(one(JUMP, part.len() as u32));
        program.extend(part);
    }
}

fn ipv4(ports: &[u16], snap: u32, at: u32) -> Vec<Instruction> {
    let mut part = vec![one(LD_B_ABS, at + 9)];
    must(&mut part, JEQ, TCP);
    // A later fragment has no TCP header.
    part.push(one(LD_H_ABS, at + 6));
    part.extend([branch(JSET, 0x1fff, 0, 1), one(RET, 0)]);
    part.push(one(LDX_MSH, at));
    tcp(&mut part, ports, snap, at);
    part
}

/// TCP behind the first header, or behind a few more.
fn ipv6(ports: &[u16], snap: u32, at: u32) -> Vec<Instruction> {
    let mut part = vec![one(LDX_IMM, 40), one(LD_B_ABS, at + 6)];
    let len = extension(at, 0).len();
    for left in (0..EXTENSIONS_MAX).rev() {
        // Over this one and those that follow, and over the last question.
        part.extend(extension(at, (len * (left + 1) - 1 + 2) as u8));
    }
    must(&mut part, JEQ, TCP);
    tcp(&mut part, ports, snap, at);
    part
}

/// With the kind of a header in A and its place in X: goes to TCP when it is that, else on to the next header, with its
/// kind and place.
fn extension(at: u32, to_tcp: u8) -> [Instruction; 12] {
    [
        branch(JEQ, TCP, to_tcp, 0),
        branch(JEQ, EXTENSIONS[0], 3, 0),
        branch(JEQ, EXTENSIONS[1], 2, 0),
        branch(JEQ, EXTENSIONS[2], 1, 0),
        one(RET, 0),
        // Its length without the first eight bytes, in units of eight.
        one(LD_B_IND, at + 1),
        one(ADD_K, 1),
        one(LSH_K, 3),
        one(ADD_X, 0),
        one(ST, 1),
        one(LD_B_IND, at),
        one(LDX_MEM, 1),
    ]
}

/// With the length of the IP header in X.
fn tcp(part: &mut Vec<Instruction>, ports: &[u16], snap: u32, at: u32) {
    let has_data = [
        one(STX, 0),
        // The TCP header's length in bytes, and with the IP header's before it.
        one(LD_B_IND, at + 12),
        one(AND_K, 0xf0),
        one(RSH_K, 2),
        one(ADD_X, 0),
        one(TAX, 0),
        one(LD_W_LEN, 0),
        one(SUB_X, 0),
        branch(JGT, at, 1, 0),
        one(RET, 0),
        one(LDX_MEM, 0),
    ];
    part.extend([one(LD_B_IND, at + 13), branch(JSET, FIN_SYN_RST, has_data.len() as u8, 0)]);
    part.extend(has_data);
    for field in [0, 2] {
        part.push(one(LD_H_IND, at + field));
        for port in ports {
            part.extend([branch(JEQ, u32::from(*port), 0, 1), one(RET, snap)]);
        }
    }
    part.push(one(RET, 0));
}

#[cfg(test)]
mod tests;
