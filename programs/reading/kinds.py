"""The kinds of help, by the words that officers use for them."""

from hoiphunu.text import fold

WORDS = (
    ("mái ấm", ("mai am", "nha tinh thuong", "nha dai doan ket", "nha o", "can nha", "xay moi",
                "sua chua nha")),
    ("đỡ đầu", ("do dau", "hoc bong")),
    ("công trình", ("diem truong", "san choi", "nha ve sinh", "cong trinh", "den duong", "cau ",
                    "duong ")),
    ("quà", ("suat qua", "phan qua", "tang qua", "qua tet", "qua ", "tham hoi")),
    ("vốn sinh kế", ("sinh ke", "con giong", "con bo", "con de", "bo sinh san", "de giong", "trau",
                     "von ")),
    ("tập huấn", ("tap huan", "boi duong", "lop ")),
    ("tài liệu", ("tai lieu", "to roi", "so tay", "chuyen giao")),
    ("mô hình", ("mo hinh", "cau lac bo", "to hop tac", "hop tac xa")),
    ("tuyên truyền", ("tuyen truyen", "truyen thong")),
    ("đoàn công tác", ("doan cong tac",)),
    ("hiện vật", ("xe dap", "the bao hiem", "bon chua", "may may", "so tiet kiem", "may tinh")),
    ("sửa chữa", ("sua chua",)),
)  # fmt: skip


def sort_of(text):
    """ "vốn sinh kế" of "Hỗ trợ vốn sinh kế cho phụ nữ khó khăn"; "khác" when no word fits."""
    folded = fold(text) + " "
    return next((sort for sort, words in WORDS if any(w in folded for w in words)), "khác")
