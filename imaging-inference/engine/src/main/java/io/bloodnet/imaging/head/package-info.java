/** The pixels of one chosen scan: HU, the grid of the network, where brain is, and whether this is a head at all. */
@NullMarked
package io.bloodnet.imaging.head;

import org.jspecify.annotations.NullMarked;
