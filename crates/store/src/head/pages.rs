//! Memory for very many short runs of bytes that grow: pages of one size, chained, in slabs. A page that is given back
//! is used again by any run, so that there are no holes and no memory is copied while runs grow. The shortest runs
//! need no page.

/// Bytes of a page that hold content; the rest names the next page.
const PAGE_BYTES: usize = 28;
/// Pages of a slab: 256 KiB, which the system allocator gives back when the slab goes.
const SLAB_PAGES: usize = 8192;
/// No page.
const NONE: u32 = u32::MAX;

#[derive(Debug, Clone, Copy)]
struct Page {
    /// The page after it in its chain, or in the list of free ones; what it says of the last page means nothing.
    next: u32,
    bytes: [u8; PAGE_BYTES],
}

/// Runs up to this length are kept where the names of the pages would be.
const SHORT_BYTES_MAX: u16 = 8;

/// A run of bytes: what it holds while it is short, then its first and its last page. How long it is, is kept by its
/// owner, who has to give it back with [`Pages::free`].
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Chain([u8; SHORT_BYTES_MAX as usize]);

impl Chain {
    fn of_pages(first: u32, last: u32) -> Self {
        Self((u64::from(first) | u64::from(last) << 32).to_le_bytes())
    }

    /// First and last page, when it is not short.
    fn pages(self) -> (u32, u32) {
        let both = u64::from_le_bytes(self.0);
        (both as u32, (both >> 32) as u32)
    }
}

/// All pages.
#[derive(Debug)]
pub(crate) struct Pages {
    slabs: Vec<Box<[Page]>>,
    /// The free page given back last.
    free: u32,
    /// Pages from here on were never used.
    fresh: u32,
    used: u32,
}

impl Default for Pages {
    fn default() -> Self {
        Self { slabs: Vec::new(), free: NONE, fresh: 0, used: 0 }
    }
}

impl Pages {
    /// Appends to a chain that is `len` bytes long.
    #[inline]
    pub(crate) fn append(&mut self, chain: &mut Chain, len: &mut u16, bytes: &[u8]) {
        let at = usize::from(*len) % PAGE_BYTES;
        if *len > SHORT_BYTES_MAX && at > 0 && at + bytes.len() <= PAGE_BYTES {
            let page = self.page(chain.pages().1);
            // There are one or two nearly always, for which a call would be dear.
            bytes.iter().enumerate().for_each(|(i, &byte)| page.bytes[at + i] = byte);
            *len += bytes.len() as u16;
        } else {
            bytes.iter().for_each(|&byte| self.append_byte(chain, len, byte));
        }
    }

    fn append_byte(&mut self, chain: &mut Chain, len: &mut u16, byte: u8) {
        if *len < SHORT_BYTES_MAX {
            chain.0[usize::from(*len)] = byte;
        } else {
            let at = usize::from(*len) % PAGE_BYTES;
            if at == 0 || *len == SHORT_BYTES_MAX {
                self.extend(chain, *len);
            }
            self.page(chain.pages().1).bytes[at] = byte;
        }
        *len += 1;
    }

    /// Appends the bytes of a chain of this length to `out`.
    pub(crate) fn read(&self, chain: Chain, len: u16, out: &mut Vec<u8>) {
        if len <= SHORT_BYTES_MAX {
            return out.extend_from_slice(&chain.0[..usize::from(len)]);
        }
        let (mut left, mut next) = (usize::from(len), chain.pages().0);
        while left > 0 {
            let page = &self.slabs[next as usize / SLAB_PAGES][next as usize % SLAB_PAGES];
            let here = left.min(PAGE_BYTES);
            out.extend_from_slice(&page.bytes[..here]);
            (left, next) = (left - here, page.next);
        }
    }

    /// Takes a chain of this length back.
    pub(crate) fn free(&mut self, chain: Chain, len: u16) {
        if len <= SHORT_BYTES_MAX {
            return;
        }
        let ((first, last), free) = (chain.pages(), self.free);
        self.page(last).next = free;
        self.free = first;
        self.used -= usize::from(len).div_ceil(PAGE_BYTES) as u32;
        if self.used == 0 {
            // One slab is kept for what comes next.
            self.slabs.truncate(1);
            (self.free, self.fresh) = (NONE, 0);
        }
    }

    /// Bytes of the pages in use.
    pub(crate) fn used_bytes(&self) -> usize {
        self.used as usize * size_of::<Page>()
    }

    fn page(&mut self, number: u32) -> &mut Page {
        &mut self.slabs[number as usize / SLAB_PAGES][number as usize % SLAB_PAGES]
    }

    /// Puts a page at the end of a chain that is `len` bytes long; into the first page goes what it holds.
    #[cold]
    fn extend(&mut self, chain: &mut Chain, len: u16) {
        let number = self.take();
        if len == SHORT_BYTES_MAX {
            self.page(number).bytes[..chain.0.len()].copy_from_slice(&chain.0);
            *chain = Chain::of_pages(number, number);
        } else {
            let (first, last) = chain.pages();
            self.page(last).next = number;
            *chain = Chain::of_pages(first, number);
        }
    }

    fn take(&mut self) -> u32 {
        self.used += 1;
        if self.free != NONE {
            let number = self.free;
            self.free = self.page(number).next;
            return number;
        }
        let number = self.fresh;
        if number as usize / SLAB_PAGES == self.slabs.len() {
            // Zeroed memory is not touched until it is used.
            self.slabs.push(vec![Page { next: 0, bytes: [0; PAGE_BYTES] }; SLAB_PAGES].into_boxed_slice());
        }
        self.fresh += 1;
        number
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use stdx::random::Random;

    #[test]
    fn chains_grow_beside_each_other_and_pages_are_used_again() {
        let mut random = Random::from_seed(1);
        let mut pages = Pages::default();
        let mut chains: Vec<(Chain, u16, Vec<u8>)> = (0..50).map(|_| Default::default()).collect();
        for _ in 0..20_000 {
            let (chain, len, wanted) = &mut chains[random.below(50) as usize];
            if random.below(40) == 0 {
                pages.free(std::mem::take(chain), std::mem::take(len));
                wanted.clear();
            } else {
                let bytes: Vec<u8> = (0..random.below(12)).map(|_| random.next_u64() as u8).collect();
                pages.append(chain, len, &bytes);
                wanted.extend(bytes);
            }
            let mut read = Vec::new();
            pages.read(*chain, *len, &mut read);
            assert_eq!(read, *wanted);
        }
        let long = chains.iter().map(|(_, len, _)| *len).filter(|len| *len > SHORT_BYTES_MAX);
        let used: usize = long.map(|len| usize::from(len).div_ceil(PAGE_BYTES)).sum();
        assert_eq!(pages.used_bytes(), used * 32);
        assert!((pages.fresh as usize) < 4 * used + 200, "pages were not used again");
        for (chain, len, _) in chains {
            pages.free(chain, len);
        }
        assert_eq!((pages.used_bytes(), pages.fresh, pages.slabs.len()), (0, 0, 1));
    }
}
