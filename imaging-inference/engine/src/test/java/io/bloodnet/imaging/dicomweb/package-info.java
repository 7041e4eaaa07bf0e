@NullMarked
package io.bloodnet.imaging.dicomweb;

import org.jspecify.annotations.NullMarked;
