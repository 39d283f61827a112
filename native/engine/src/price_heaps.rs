//! Heaps of open orders by price, each node at the place of its order: nothing is allocated, and no step is long.
//!
//! The heaps are leftist: of two children the left one has its nearest gap at least as far down as the right one, so
//! the way along right children from any node is at most log2(orders + 1) long. Putting in, taking out the best and
//! taking out any other order all go along such ways only.

/// No order.
pub const NONE: u32 = u32::MAX;

/// An order in a heap.
#[derive(Clone, Copy, Debug)]
struct Node {
    /// What is smaller is nearer to the top.
    rank: i64,
    left: u32,
    right: u32,
    parent: u32,
    /// Nodes from here to the nearest gap below; 1 for a leaf.
    gap: u32,
}

const EMPTY: Node = Node {
    rank: 0,
    left: NONE,
    right: NONE,
    parent: NONE,
    gap: 1,
};

/// The nodes of all heaps. Who calls keeps the top of each.
#[derive(Debug)]
pub struct PriceHeaps {
    nodes: Vec<Node>,
}

impl PriceHeaps {
    /// Room for this many orders in all heaps together.
    #[must_use]
    pub fn new(orders: u32) -> Self {
        Self {
            nodes: vec![EMPTY; orders as usize],
        }
    }

    /// The rank of an order that is in a heap.
    #[inline]
    #[must_use]
    pub fn rank(&self, order: u32) -> Option<i64> {
        self.nodes.get(order as usize).map(|node| node.rank)
    }

    /// Put an order that is in none into the heap below `top`; the new top.
    ///
    /// Among equals the latest is on top, so that an order at the best price is put in without a search.
    #[inline]
    #[must_use]
    pub fn insert(&mut self, top: u32, order: u32, rank: i64) -> u32 {
        let (mut above, mut below) = (NONE, top);
        while let Some(node) = self.nodes.get(below as usize) {
            if rank <= node.rank {
                break;
            }
            (above, below) = (below, node.right);
        }
        if let Some(node) = self.nodes.get_mut(order as usize) {
            *node = Node {
                rank,
                left: below,
                parent: above,
                ..EMPTY
            };
        }
        self.set_parent(below, order);
        if above == NONE {
            return order;
        }
        if let Some(node) = self.nodes.get_mut(above as usize) {
            node.right = order;
        }
        self.level(above);
        top
    }

    /// Take an order out of the heap below `top`; the new top.
    #[inline]
    #[must_use]
    pub fn remove(&mut self, top: u32, order: u32) -> u32 {
        let Some(&gone) = self.nodes.get(order as usize) else {
            return top;
        };
        let rest = self.join(gone.left, gone.right);
        self.set_parent(rest, gone.parent);
        let Some(parent) = self.nodes.get_mut(gone.parent as usize) else {
            return rest;
        };
        if parent.left == order {
            parent.left = rest;
        } else {
            parent.right = rest;
        }
        self.level(gone.parent);
        top
    }

    /// Make one heap of two; its top, whose parent is still to be set.
    fn join(&mut self, one: u32, other: u32) -> u32 {
        let (mut one, mut other) = (one, other);
        let (mut top, mut above) = (NONE, NONE);
        while let (Some(first), Some(second)) = (self.rank(one), self.rank(other)) {
            if second < first {
                core::mem::swap(&mut one, &mut other);
            }
            self.hang(above, one);
            if above == NONE {
                top = one;
            }
            above = one;
            one = self.nodes.get(one as usize).map_or(NONE, |node| node.right);
        }
        let rest = if one == NONE { other } else { one };
        if above == NONE {
            return rest;
        }
        self.hang(above, rest);
        self.level_within(above, top);
        top
    }

    /// Make a node the right child of another.
    fn hang(&mut self, above: u32, order: u32) {
        if let Some(node) = self.nodes.get_mut(above as usize) {
            node.right = order;
            self.set_parent(order, above);
        }
    }

    #[inline]
    fn set_parent(&mut self, order: u32, parent: u32) {
        if let Some(node) = self.nodes.get_mut(order as usize) {
            node.parent = parent;
        }
    }

    /// Put the longer way to the left from a node upward, until nothing changes.
    #[inline]
    fn level(&mut self, from: u32) {
        let mut at = from;
        while let Some((parent, true)) = self.level_one(at) {
            at = parent;
        }
    }

    /// The same for each node that two heaps were joined along.
    fn level_within(&mut self, from: u32, top: u32) {
        let mut at = from;
        while let Some((parent, _)) = self.level_one(at) {
            if at == top {
                return;
            }
            at = parent;
        }
    }

    /// The parent of a node, and whether the node's own gap has changed.
    #[inline]
    fn level_one(&mut self, order: u32) -> Option<(u32, bool)> {
        let &Node { left, right, .. } = self.nodes.get(order as usize)?;
        let (left_gap, right_gap) = (self.gap(left), self.gap(right));
        let node = self.nodes.get_mut(order as usize)?;
        if left_gap < right_gap {
            (node.left, node.right) = (right, left);
        }
        let gap = left_gap.min(right_gap).saturating_add(1);
        let changed = core::mem::replace(&mut node.gap, gap) != gap;
        Some((node.parent, changed))
    }

    #[inline]
    fn gap(&self, order: u32) -> u32 {
        self.nodes.get(order as usize).map_or(0, |node| node.gap)
    }
}

#[cfg(test)]
mod tests {
    use super::{NONE, PriceHeaps};

    /// Every law of a heap below a node; how many orders it has.
    fn checked(heaps: &PriceHeaps, order: u32) -> usize {
        let Some(node) = heaps.nodes.get(order as usize) else {
            return 0;
        };
        for child in [node.left, node.right] {
            if let Some(below) = heaps.nodes.get(child as usize) {
                assert_eq!(below.parent, order);
                assert!(below.rank >= node.rank, "{below:?} below {node:?}");
            }
        }
        let (left, right) = (heaps.gap(node.left), heaps.gap(node.right));
        assert!(left >= right, "the longer way is not on the left: {node:?}");
        assert_eq!(node.gap, right + 1);
        checked(heaps, node.left) + checked(heaps, node.right) + 1
    }

    /// Nodes on the way along right children.
    fn right_way(heaps: &PriceHeaps, top: u32) -> u32 {
        let (mut at, mut steps) = (top, 0);
        while let Some(node) = heaps.nodes.get(at as usize) {
            (at, steps) = (node.right, steps + 1);
        }
        steps
    }

    #[test]
    fn any_order_of_coming_and_going_leaves_a_heap_with_short_ways_and_the_best_on_top() {
        let mut seed = 11_u64;
        let mut chance = move |below: u64| {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % below
        };
        for prices in [1, 3, 40, 1_000_000] {
            let mut heaps = PriceHeaps::new(4_000);
            let (mut top, mut inside) = (NONE, Vec::new());
            for order in 0..4_000_u32 {
                let rank = i64::try_from(chance(prices)).unwrap();
                top = heaps.insert(top, order, rank);
                inside.push((rank, order));
                let shrinks = u64::from(order / 1_000 % 2 == 1);
                for _ in 0..chance(2 + shrinks * 2).min(inside.len() as u64) {
                    let best = chance(3) == 0;
                    let place = if best {
                        inside.iter().position(|&(_, order)| order == top).unwrap()
                    } else {
                        usize::try_from(chance(inside.len() as u64)).unwrap()
                    };
                    top = heaps.remove(top, inside.swap_remove(place).1);
                }
                let best = inside.iter().map(|&(rank, _)| rank).min();
                assert_eq!(heaps.rank(top), best, "order {order} of {prices} prices");
                let longest = (inside.len() + 1).ilog2();
                assert!(right_way(&heaps, top) <= longest, "{}", inside.len());
                if order % 16 == 0 {
                    assert_eq!(checked(&heaps, top), inside.len());
                    assert!(top == NONE || heaps.nodes[top as usize].parent == NONE);
                }
            }
        }
    }
}
