/* == convolution == */
/* Cross-correlation in groups of channels; the kernel is [row][column][channel of the group][output]. */
static void convolution(const float *x, int h, int w, int c, const float *k, const float *b, int kh, int kw, int oc, int g,
                        int sh, int sw, int dh, int dw, int top, int left, int oh, int ow, float *y) {
    int cg = c / g, og = oc / g;
    for (int i = 0; i < oh; i++)
        for (int j = 0; j < ow; j++, y += oc) {
            for (int o = 0; o < oc; o++) y[o] = b ? b[o] : 0.0f;
            for (int u = 0; u < kh; u++) {
                int r = i * sh + u * dh - top;
                if (r < 0 || r >= h) continue;
                for (int v = 0; v < kw; v++) {
                    int s = j * sw + v * dw - left;
                    if (s < 0 || s >= w) continue;
                    const float *p = x + (r * w + s) * c, *q = k + (u * kw + v) * cg * oc;
                    for (int n = 0; n < g; n++)
                        for (int m = 0; m < cg; m++) {
                            const float a = p[n * cg + m], *z = q + m * oc + n * og;
                            for (int o = 0; o < og; o++) y[n * og + o] += a * z[o];
                        }
                }
            }
        }
}
/* == transposed == */
/* Each number is spread over a window; the kernel is [row][column][output][channel]. */
static void transposed(const float *x, int h, int w, int c, const float *k, const float *b, int kh, int kw, int oc, int sh,
                       int sw, int dh, int dw, int top, int left, int oh, int ow, float *y) {
    for (int i = 0; i < oh * ow; i++)
        for (int o = 0; o < oc; o++) y[i * oc + o] = b ? b[o] : 0.0f;
    for (int i = 0; i < h; i++)
        for (int j = 0; j < w; j++)
            for (int u = 0; u < kh; u++)
                for (int v = 0; v < kw; v++) {
                    int r = i * sh + u * dh - top, s = j * sw + v * dw - left;
                    if (r < 0 || r >= oh || s < 0 || s >= ow) continue;
                    for (int o = 0; o < oc; o++) {
                        float sum = 0.0f;
                        const float *p = x + (i * w + j) * c, *q = k + ((u * kw + v) * oc + o) * c;
                        for (int m = 0; m < c; m++) sum += p[m] * q[m];
                        y[(r * ow + s) * oc + o] += sum;
                    }
                }
}
/* == dense == */
/* A matrix product for each row; the kernel is [input][output]. */
static void dense(const float *x, int rows, int n, const float *k, const float *b, int units, float *y) {
    for (int r = 0; r < rows; r++, x += n, y += units) {
        for (int o = 0; o < units; o++) y[o] = b ? b[o] : 0.0f;
        for (int i = 0; i < n; i++)
            for (int o = 0; o < units; o++) y[o] += x[i] * k[i * units + o];
    }
}
/* == pool == */
/* The maximum or mean of each window; cells outside of the image do not count. */
static void pool(const float *x, int h, int w, int c, int mean, int kh, int kw, int sh, int sw, int top, int left, int oh,
                 int ow, float *y) {
    for (int i = 0; i < oh; i++)
        for (int j = 0; j < ow; j++)
            for (int o = 0; o < c; o++) {
                float sum = 0.0f, most = 0.0f;
                int n = 0;
                for (int u = 0; u < kh; u++)
                    for (int v = 0; v < kw; v++) {
                        int r = i * sh + u - top, s = j * sw + v - left;
                        if (r < 0 || r >= h || s < 0 || s >= w) continue;
                        float a = x[(r * w + s) * c + o];
                        sum += a;
                        if (n++ == 0 || a > most) most = a;
                    }
                *y++ = mean ? sum / (float)n : most;
            }
}
/* == global_pool == */
/* The maximum or mean of each channel. */
static void global_pool(const float *x, int positions, int c, int mean, float *y) {
    for (int o = 0; o < c; o++) {
        float sum = 0.0f, most = x[o];
        for (int i = 0; i < positions; i++) {
            float a = x[i * c + o];
            sum += a;
            if (a > most) most = a;
        }
        y[o] = mean ? sum / (float)positions : most;
    }
}
/* == affine == */
/* Each channel times its scale, plus its shift. */
static void affine(const float *x, int positions, int c, const float *scale, const float *shift, float *y) {
    for (int i = 0; i < positions; i++)
        for (int o = 0; o < c; o++) y[i * c + o] = x[i * c + o] * scale[o] + shift[o];
}
/* == normalize_positions == */
/* The channels of each position with mean 0 and variance 1. */
static void normalize_positions(const float *x, int positions, int c, float epsilon, const float *gamma, const float *beta,
                                float *y) {
    for (int i = 0; i < positions; i++, x += c, y += c) {
        float mean = 0.0f, variance = 0.0f;
        for (int o = 0; o < c; o++) mean += x[o];
        mean /= (float)c;
        for (int o = 0; o < c; o++) variance += (x[o] - mean) * (x[o] - mean);
        float factor = 1.0f / sqrtf(variance / (float)c + epsilon);
        for (int o = 0; o < c; o++) y[o] = (x[o] - mean) * factor * gamma[o] + beta[o];
    }
}
/* == normalize_groups == */
/* Groups of channels with mean 0 and variance 1 over all positions. */
static void normalize_groups(const float *x, int positions, int c, int groups, float epsilon, const float *gamma,
                             const float *beta, float *y) {
    int size = c / groups;
    for (int g = 0; g < groups; g++) {
        float mean = 0.0f, variance = 0.0f, n = (float)(positions * size);
        for (int i = 0; i < positions; i++)
            for (int o = g * size; o < (g + 1) * size; o++) mean += x[i * c + o];
        mean /= n;
        for (int i = 0; i < positions; i++)
            for (int o = g * size; o < (g + 1) * size; o++) variance += (x[i * c + o] - mean) * (x[i * c + o] - mean);
        float factor = 1.0f / sqrtf(variance / n + epsilon);
        for (int i = 0; i < positions; i++)
            for (int o = g * size; o < (g + 1) * size; o++) y[i * c + o] = (x[i * c + o] - mean) * factor * gamma[o] + beta[o];
    }
}
/* == softmax == */
static void softmax(const float *x, int rows, int n, float *y) {
    for (int r = 0; r < rows; r++, x += n, y += n) {
        float most = x[0], sum = 0.0f;
        for (int i = 1; i < n; i++)
            if (x[i] > most) most = x[i];
        for (int i = 0; i < n; i++) sum += y[i] = expf(x[i] - most);
        for (int i = 0; i < n; i++) y[i] /= sum;
    }
}
/* == prelu == */
/* Negative numbers times their slope; a stride of 0 shares one along that axis. */
static void prelu(const float *x, int h, int w, int c, const float *alpha, int ah, int aw, int ac, float *y) {
    for (int i = 0; i < h; i++)
        for (int j = 0; j < w; j++)
            for (int o = 0; o < c; o++, x++) *y++ = *x > 0.0f ? *x : *x * alpha[i * ah + j * aw + o * ac];
}
/* == shift == */
/* An image at another place of a larger or smaller one, zeros around it. */
static void shift(const float *x, int h, int w, int c, int top, int left, int oh, int ow, float *y) {
    for (int i = 0; i < oh; i++)
        for (int j = 0; j < ow; j++) {
            int r = i - top, s = j - left;
            for (int o = 0; o < c; o++) *y++ = r < 0 || r >= h || s < 0 || s >= w ? 0.0f : x[(r * w + s) * c + o];
        }
}
/* == permute == */
/* The axes in another order: strides of the input along the axes of the output. */
static void permute(const float *x, int h, int w, int c, int sh, int sw, int sc, float *y) {
    for (int i = 0; i < h; i++)
        for (int j = 0; j < w; j++)
            for (int o = 0; o < c; o++) *y++ = x[i * sh + j * sw + o * sc];
}
/* == blocks == */
/* Copies blocks of numbers: one part of a concatenation. */
static void blocks(const float *x, int n, int size, int stride, float *y) {
    for (int i = 0; i < n; i++)
        for (int j = 0; j < size; j++) y[i * stride + j] = x[i * size + j];
}
/* == resize_nearest == */
static void resize_nearest(const float *x, int w, int c, int fh, int fw, int oh, int ow, float *y) {
    for (int i = 0; i < oh; i++)
        for (int j = 0; j < ow; j++)
            for (int o = 0; o < c; o++) *y++ = x[((i / fh) * w + j / fw) * c + o];
}
/* == resize_bilinear == */
/* Between the centres of neighbouring cells; beyond the outermost centres, the outermost cell. */
static void resize_bilinear(const float *x, int h, int w, int c, int fh, int fw, int oh, int ow, float *y) {
    for (int i = 0; i < oh; i++)
        for (int j = 0; j < ow; j++) {
            float r = ((float)i + 0.5f) / (float)fh - 0.5f, s = ((float)j + 0.5f) / (float)fw - 0.5f;
            if (r < 0.0f) r = 0.0f;
            if (s < 0.0f) s = 0.0f;
            int r0 = (int)r, s0 = (int)s, r1 = r0 + 1 < h ? r0 + 1 : h - 1, s1 = s0 + 1 < w ? s0 + 1 : w - 1;
            float a = r - (float)r0, b = s - (float)s0;
            for (int o = 0; o < c; o++)
                *y++ = (1.0f - a) * ((1.0f - b) * x[(r0 * w + s0) * c + o] + b * x[(r0 * w + s1) * c + o]) +
                       a * ((1.0f - b) * x[(r1 * w + s0) * c + o] + b * x[(r1 * w + s1) * c + o]);
        }
}
/* == round8 == */
/* The nearest integer, of two equally near the even one, from -128 to 127 around a zero point. */
static int8_t round8(float a, int zero) {
    if (a > 1000.0f) a = 1000.0f;
    if (a < -1000.0f) a = -1000.0f;
    int i = (int)a;
    float rest = a - (float)i;
    if (rest > 0.5f || (rest == 0.5f && i % 2)) i++;
    if (rest < -0.5f || (rest == -0.5f && i % 2)) i--;
    i += zero;
    return (int8_t)(i < -128 ? -128 : i > 127 ? 127 : i);
}
/* == quantize8 == */
static void quantize8(const float *x, int n, float scale, int zero, int8_t *y) {
    for (int i = 0; i < n; i++) y[i] = round8(x[i] / scale, zero);
}
/* == dequantize8 == */
static void dequantize8(const int8_t *x, int n, float scale, int zero, float *y) {
    for (int i = 0; i < n; i++) y[i] = (float)(x[i] - zero) * scale;
}
/* == convolution8 == */
/* A cross-correlation in integers; m turns the sum of an output into its own integers. */
static void convolution8(const int8_t *x, int h, int w, int c, int zx, const int8_t *k, const int32_t *b, const float *m, int kh,
                         int kw, int oc, int g, int sh, int sw, int dh, int dw, int top, int left, int oh, int ow, int zy,
                         int8_t *y) {
    int cg = c / g, og = oc / g;
    for (int i = 0; i < oh; i++)
        for (int j = 0; j < ow; j++)
            for (int o = 0; o < oc; o++) {
                int32_t sum = b[o];
                for (int u = 0; u < kh; u++) {
                    int r = i * sh + u * dh - top;
                    if (r < 0 || r >= h) continue;
                    for (int v = 0; v < kw; v++) {
                        int s = j * sw + v * dw - left;
                        if (s < 0 || s >= w) continue;
                        const int8_t *p = x + (r * w + s) * c + o / og * cg, *q = k + (u * kw + v) * cg * oc + o;
                        for (int n = 0; n < cg; n++) sum += (p[n] - zx) * q[n * oc];
                    }
                }
                *y++ = round8((float)sum * m[o], zy);
            }
}
/* == dense8 == */
static void dense8(const int8_t *x, int rows, int n, int zx, const int8_t *k, const int32_t *b, const float *m, int units, int zy,
                   int8_t *y) {
    for (int r = 0; r < rows; r++, x += n)
        for (int o = 0; o < units; o++) {
            int32_t sum = b[o];
            for (int i = 0; i < n; i++) sum += (x[i] - zx) * k[i * units + o];
            *y++ = round8((float)sum * m[o], zy);
        }
}
/* == pool8 == */
static void pool8(const int8_t *x, int h, int w, int c, int z, int mean, int kh, int kw, int sh, int sw, int top, int left, int oh,
                  int ow, int8_t *y) {
    for (int i = 0; i < oh; i++)
        for (int j = 0; j < ow; j++)
            for (int o = 0; o < c; o++) {
                int sum = 0, most = -128, n = 0;
                for (int u = 0; u < kh; u++)
                    for (int v = 0; v < kw; v++) {
                        int r = i * sh + u - top, s = j * sw + v - left;
                        if (r < 0 || r >= h || s < 0 || s >= w) continue;
                        int a = x[(r * w + s) * c + o];
                        sum += a - z;
                        if (a > most) most = a;
                        n++;
                    }
                *y++ = mean ? round8((float)sum / (float)(n ? n : 1), z) : (int8_t)most;
            }
}
/* == global_pool8 == */
static void global_pool8(const int8_t *x, int positions, int c, int mean, int zx, float m, int zy, int8_t *y) {
    for (int o = 0; o < c; o++) {
        int32_t sum = 0;
        int most = -128;
        for (int i = 0; i < positions; i++) {
            int a = x[i * c + o];
            sum += a - zx;
            if (a > most) most = a;
        }
        y[o] = mean ? round8((float)sum / (float)positions * m, zy) : (int8_t)most;
    }
}
/* == relu8 == */
static void relu8(const int8_t *x, int n, int zx, float m, int zy, int8_t *y) {
    for (int i = 0; i < n; i++) y[i] = round8(x[i] > zx ? (float)(x[i] - zx) * m : 0.0f, zy);
}
/* == shift8 == */
static void shift8(const int8_t *x, int h, int w, int c, int z, int top, int left, int oh, int ow, int8_t *y) {
    for (int i = 0; i < oh; i++)
        for (int j = 0; j < ow; j++) {
            int r = i - top, s = j - left;
            for (int o = 0; o < c; o++) *y++ = (int8_t)(r < 0 || r >= h || s < 0 || s >= w ? z : x[(r * w + s) * c + o]);
        }
}
/* == permute8 == */
static void permute8(const int8_t *x, int h, int w, int c, int sh, int sw, int sc, int8_t *y) {
    for (int i = 0; i < h; i++)
        for (int j = 0; j < w; j++)
            for (int o = 0; o < c; o++) *y++ = x[i * sh + j * sw + o * sc];
}
/* == blocks8 == */
/* One part of a concatenation, at the scale of the whole. */
static void blocks8(const int8_t *x, int n, int size, int stride, int zx, float m, int zy, int8_t *y) {
    for (int i = 0; i < n; i++)
        for (int j = 0; j < size; j++) y[i * stride + j] = round8((float)(x[i * size + j] - zx) * m, zy);
}
/* == add8 == */
static void add8(const int8_t *x, int xh, int xw, int xc, int zx, float mx, const int8_t *z, int zh, int zw, int zc, int zz, float mz,
                 int h, int w, int c, int zy, int8_t *y) {
    for (int i = 0; i < h; i++)
        for (int j = 0; j < w; j++)
            for (int o = 0; o < c; o++)
                *y++ = round8((float)(x[i * xh + j * xw + o * xc] - zx) * mx + (float)(z[i * zh + j * zw + o * zc] - zz) * mz, zy);
}
/* == check == */
#ifdef CNNC_CHECK
/* The samples that came with the network: prints the largest difference to what was expected. */
#include <stdio.h>
int main(void) {
    static float output[@OUTPUTS@];
    double most = 0.0;
    for (int n = 0; n < @SAMPLES@; n++) {
        @NAME@_predict(@ARGUMENTS@);
        for (int i = 0; i < @OUTPUTS@; i++) {
            double difference = (double)output[i] - (double)sample_outputs[n * @OUTPUTS@ + i];
            if (difference < 0.0) difference = -difference;
            if (!(difference <= most)) most = difference;
        }
    }
    printf("%.9g\n", most);
    return 0;
}
#endif
/* == end == */
